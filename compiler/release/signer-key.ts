import { type PublicKey, parsePublicKey } from "@millwright/schema";
import { Point } from "@noble/ed25519";
import { Failure } from "../failure.ts";

const SSH = "ssh-ed25519";

/**
 * The public key of somebody who is to sign: `ed25519:…` as `millwright trust key` prints it, or a line of an SSH public
 * key (`ssh-ed25519 AAAA… comment`). Throws a `Failure` when it is neither, or a key that nobody may be admitted with.
 */
export function signerKeyOf(text: string): PublicKey {
  const line = text.trim();
  const key = parsePublicKey(line.startsWith(`${SSH} `) ? fromSsh(line) : line);
  if (key !== undefined && isSound(key)) return key;
  const shown = line.length > 80 ? `${line.slice(0, 80)}…` : line;
  throw new Failure(
    "release/bad-signer-key",
    `${JSON.stringify(shown)} is no Ed25519 public key that can be admitted. Write ed25519:… as millwright trust key prints it, or the line or file of an SSH key made with ssh-keygen -t ed25519.`,
  );
}

/** The blob of an SSH public key (RFC 8709, section 4) that `key` would have. */
export function sshBlobOf(key: PublicKey): Buffer {
  return Buffer.concat([
    lengthAnd(Buffer.from(SSH)),
    lengthAnd(Buffer.from(key.slice("ed25519:".length), "base64url")),
  ]);
}

/** The key in the blob of an SSH public key; `undefined` when it is of another kind, or none that may be admitted. */
export function keyOfSshBlob(blob: Buffer): PublicKey | undefined {
  const head = lengthAnd(Buffer.from(SSH));
  const bytes = blob.subarray(head.length + 4);
  const isOurs =
    blob.length === head.length + 36 &&
    blob.subarray(0, head.length).equals(head) &&
    blob.readUInt32BE(head.length) === 32;
  return isOurs ? parsePublicKey(`ed25519:${bytes.toString("base64url")}`) : undefined;
}

function fromSsh(line: string): string {
  const [, base64 = ""] = line.split(/\s+/);
  return keyOfSshBlob(Buffer.from(base64, "base64")) ?? "";
}

function lengthAnd(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** On the curve, and in the large subgroup alone: what no honest key lacks. Costs half a millisecond, so signers only. */
function isSound(key: PublicKey): boolean {
  try {
    const point = Point.fromBytes(Buffer.from(key.slice("ed25519:".length), "base64url"));
    return point.isTorsionFree();
  } catch {
    // The library says "no point" by throwing.
    return false;
  }
}
