import { type KeyObject, sign as signBytes } from "node:crypto";
import {
  canonicalBytes,
  digestOf,
  hexOf,
  type PublicKey,
  parseJson,
  parsePublicKey,
  publicKeyOf,
} from "@millwright/schema";
import { Key, Metadata, MetadataKind, type Root, Signature, type Targets } from "@tufjs/models";
import type { Signer } from "./signer.ts";

/** The version of TUF's specification that our files follow. */
export const SPECIFICATION = "1.0.31";

type JsonObject = Parameters<typeof Metadata.fromJSON>[1];
export type AnyMetadata = Parameters<Metadata<Root>["verifyDelegate"]>[1];

/** A public key as TUF writes it, under the one id that the specification gives it (section 4.4). */
export function keyOf(publicKey: PublicKey): Key {
  const hex = Buffer.from(publicKey.slice("ed25519:".length), "base64url").toString("hex");
  const fields = { keytype: "ed25519", scheme: "ed25519", keyval: { public: hex } };
  return Key.fromJSON(hexOf(digestOf(canonicalBytes(fields))), fields);
}

/** The key behind a TUF key; `undefined` unless it is written exactly as `keyOf` writes it. */
export function publicKeyOfKey(key: Key): PublicKey | undefined {
  const { public: hex = "" } = key.keyVal;
  if (!/^[0-9a-f]{64}$/.test(hex)) return undefined;
  const publicKey = parsePublicKey(`ed25519:${Buffer.from(hex, "hex").toString("base64url")}`);
  return publicKey !== undefined && keyOf(publicKey).equals(key) ? publicKey : undefined;
}

/** Adds the signature of `key`. Ed25519 is deterministic: signing twice gives the same bytes. */
export function addSignature(metadata: AnyMetadata, key: KeyObject): void {
  const { keyID } = keyOf(publicKeyOf(key));
  metadata.sign(
    (bytes) => new Signature({ keyID, sig: signBytes(null, bytes, key).toString("hex") }),
  );
}

/** As `addSignature`, for whoever signs elsewhere. */
export async function addSignatureOf(metadata: AnyMetadata, signer: Signer): Promise<void> {
  const { keyID } = keyOf(signer.publicKey);
  let bytes: Uint8Array = new Uint8Array();
  // The library hands out the bytes to sign only on the way to a signature: of a copy, which is then dropped.
  new Metadata(metadata.signed).sign((signed) => {
    bytes = signed;
    return new Signature({ keyID, sig: "" });
  });
  const sig = Buffer.from(await signer.sign(bytes)).toString("hex");
  metadata.signatures[keyID] = new Signature({ keyID, sig });
}

export function bytesOf(metadata: AnyMetadata): Buffer {
  return canonicalBytes(metadata.toJSON());
}

/** The metadata in a file, signatures unchecked; `undefined` when it is none of that kind. */
export function parseTargets(bytes: Uint8Array): Metadata<Targets> | undefined {
  return reading(bytes, (json) => Metadata.fromJSON(MetadataKind.Targets, json));
}

/** As `parseTargets`, for a root. */
export function parseRootFile(bytes: Uint8Array): Metadata<Root> | undefined {
  return reading(bytes, (json) => Metadata.fromJSON(MetadataKind.Root, json));
}

/** The admitted keys of `role` that validly signed, each counted once. */
export function signersOf(root: Root, role: string, metadata: AnyMetadata): readonly string[] {
  return (root.roles[role]?.keyIDs ?? []).filter((id) => {
    try {
      root.keys[id]?.verifySignature(metadata);
      return root.keys[id] !== undefined;
    } catch {
      // The library says "no" by throwing.
      return false;
    }
  });
}

/** An instant as TUF writes it (section 4.2.1): UTC, whole seconds. */
export function timeText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

function reading<T>(bytes: Uint8Array, parse: (json: JsonObject) => T): T | undefined {
  const value = parseJson(Buffer.from(bytes).toString("utf8"));
  if (!isObject(value)) return undefined;
  try {
    return parse(value);
  } catch {
    // The library refuses a wrong shape by throwing; what is wrong with it interests nobody.
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
