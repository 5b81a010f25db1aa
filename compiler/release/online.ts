import type { KeyObject } from "node:crypto";
import { delivered, digestOf, hexOf, publicKeyOf } from "@millwright/schema";
import { Metadata, MetaFile, Snapshot, Timestamp } from "@tufjs/models";
import { Failure } from "../failure.ts";
import { addSignature, bytesOf, parseTargets, SPECIFICATION, timeText } from "./metadata.ts";
import { readTrust } from "./root.ts";

const DAY = 86_400_000;

export interface OnlineRequest {
  /** The newest root. */
  readonly root: Uint8Array;
  readonly targetsBytes: Uint8Array;
  readonly targetsVersion: number;
  readonly onlineKey: KeyObject;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The version of the last timestamp that was signed, where it is known: the new one is higher. */
  readonly after?: number;
}

/** What the hub signs to say "this is still the newest"; it cannot say anything else. */
export interface OnlineMetadata {
  readonly timestamp: Buffer;
  readonly snapshot: Buffer;
  /** The names under which agents expect the files. */
  readonly names: {
    readonly timestamp: string;
    readonly snapshot: string;
    readonly targets: string;
  };
  readonly timestampVersion: number;
  /** When the timestamp ends, in milliseconds since the Unix epoch. Sign again well before. */
  readonly expires: number;
}

/**
 * Pure. The snapshot depends on the targets and the key alone, so that a hub which lost its data signs the same bytes
 * again; the timestamp's version is the time in seconds, so that it never goes back.
 */
export function onlineMetadata(request: OnlineRequest): OnlineMetadata {
  const { targetsBytes, targetsVersion, onlineKey, now } = request;
  const targets = parseTargets(targetsBytes)?.signed;
  if (targets?.version !== targetsVersion)
    throw new Error("impossible: targets of another version");
  demandOnlineKey(request);
  const snapshot = new Metadata(
    new Snapshot({
      version: targetsVersion,
      specVersion: SPECIFICATION,
      expires: targets.expires,
      meta: { "targets.json": metaOf(targetsBytes, targetsVersion) },
    }),
  );
  addSignature(snapshot, onlineKey);
  const snapshotBytes = bytesOf(snapshot);
  const seconds = Math.floor(now / 1000);
  const timestampVersion = Math.max(seconds, (request.after ?? 0) + 1);
  const expires = seconds * 1000 + DAY;
  const timestamp = new Metadata(
    new Timestamp({
      version: timestampVersion,
      specVersion: SPECIFICATION,
      expires: timeText(expires),
      snapshotMeta: metaOf(snapshotBytes, targetsVersion),
    }),
  );
  addSignature(timestamp, onlineKey);
  return {
    timestamp: bytesOf(timestamp),
    snapshot: snapshotBytes,
    names: {
      timestamp: delivered.timestamp,
      snapshot: delivered.snapshot(targetsVersion),
      targets: delivered.targets(targetsVersion),
    },
    timestampVersion,
    expires,
  };
}

function metaOf(bytes: Uint8Array, version: number): MetaFile {
  return new MetaFile({
    version,
    length: bytes.length,
    hashes: { sha256: hexOf(digestOf(bytes)) },
  });
}

/** Agents would refuse what another key signed; better to hear of it at the hub than from every host. */
function demandOnlineKey({ root, onlineKey }: OnlineRequest): void {
  const roles = readTrust(root)?.roles;
  const key = publicKeyOf(onlineKey);
  if (roles?.snapshot.keys.includes(key) && roles.timestamp.keys.includes(key)) return;
  throw new Failure(
    "release/wrong-online-key",
    `The root of trust does not admit the online key ${key}. Give the hub the online.pem that \`millwright init\` made.`,
  );
}
