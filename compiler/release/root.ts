import type { KeyObject } from "node:crypto";
import { type Digest, digestOf, type PublicKey } from "@millwright/schema";
import { Metadata, Root } from "@tufjs/models";
import {
  addSignature,
  bytesOf,
  keyOf,
  parseRootFile,
  publicKeyOfKey,
  SPECIFICATION,
  timeText,
} from "./metadata.ts";

const YEAR = 365 * 86_400_000;
const ROLES = ["root", "targets", "snapshot", "timestamp"] as const;
export type RoleName = (typeof ROLES)[number];

/** Who may sign as one role, and how many of them must. */
export interface RoleKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** What a root of trust says, read and found sound. */
export interface Trust {
  readonly version: number;
  /** Milliseconds since the Unix epoch. */
  readonly expires: number;
  readonly roles: Readonly<Record<RoleName, RoleKeys>>;
}

/** A root that lets `roles` sign, signed by `signers`. The caller sees to it that these are enough. */
export function makeRoot(
  trust: Omit<Trust, "expires">,
  signers: readonly KeyObject[],
  now: number,
): Buffer {
  const metadata = draftRoot(trust, now);
  for (const key of signers) addSignature(metadata, key);
  return bytesOf(metadata);
}

/** The same without a signature. It holds for a year. */
export function draftRoot({ version, roles }: Omit<Trust, "expires">, now: number): Metadata<Root> {
  const all = ROLES.flatMap((name) => roles[name].keys).map(keyOf);
  const root = Root.fromJSON({
    spec_version: SPECIFICATION,
    version,
    expires: timeText(now + YEAR),
    consistent_snapshot: true,
    keys: Object.fromEntries(all.map((key) => [key.keyID, key.toJSON()])),
    roles: Object.fromEntries(
      ROLES.map((name) => {
        const { keys, threshold } = roles[name];
        return [name, { keyids: keys.map((key) => keyOf(key).keyID), threshold }];
      }),
    ),
  });
  return new Metadata(root);
}

/** What agents pin: the SHA-256 of the first root's file. */
export function rootFingerprint(root: Uint8Array): Digest {
  return digestOf(root);
}

/** What the root says; `undefined` when it is no sound root. Its signatures are not checked here. */
export function readTrust(bytes: Uint8Array): Trust | undefined {
  const root = parseRootFile(bytes)?.signed;
  if (root === undefined || !root.consistentSnapshot || !isCount(root.version)) return undefined;
  const [rootRole, targets, snapshot, timestamp] = ROLES.map((name) => roleKeysOf(root, name));
  if (!rootRole || !targets || !snapshot || !timestamp) return undefined;
  return {
    version: root.version,
    expires: Date.parse(root.expires),
    roles: { root: rootRole, targets, snapshot, timestamp },
  };
}

function roleKeysOf(root: Root, name: RoleName): RoleKeys | undefined {
  const role = root.roles[name];
  if (role === undefined || !isCount(role.threshold)) return undefined;
  const keys: PublicKey[] = [];
  for (const id of role.keyIDs) {
    const key = root.keys[id];
    // One key under two ids would count as two signers: only the one spelling, under the one id, is admitted.
    const publicKey = key && key.keyID === id ? publicKeyOfKey(key) : undefined;
    if (publicKey === undefined) return undefined;
    keys.push(publicKey);
  }
  // A threshold that nobody can reach is a mistake, not a stricter rule.
  return role.threshold <= keys.length ? { keys, threshold: role.threshold } : undefined;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
