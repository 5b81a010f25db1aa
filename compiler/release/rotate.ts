import type { Digest, PublicKey } from "@millwright/schema";
import type { Metadata, Root } from "@tufjs/models";
import { Failure } from "../failure.ts";
import { writeCommit } from "./commit.ts";
import { addSignatureOf, bytesOf, parseRootFile, publicKeyOfKey, signersOf } from "./metadata.ts";
import { commitOf } from "./objects.ts";
import { readRoots } from "./published.ts";
import { type Heads, headsOf, moveRefs, PENDING_ROOT, RELEASES } from "./repository.ts";
import { draftRoot, type RoleKeys, type RoleName, readTrust, type Trust } from "./root.ts";
import { type SignerSource, signerOf } from "./standing.ts";
import { type TrustedRoot, trustedRootOf } from "./trusted-root.ts";
import { demand } from "./verdict.ts";

/** Who comes, who goes, and how many must sign from now on; what is absent stays as it is. */
export interface RoleChange {
  readonly add?: readonly PublicKey[];
  readonly remove?: readonly PublicKey[];
  readonly threshold?: number;
}

export interface RotateRequest {
  readonly repository: string;
  readonly signer: SignerSource;
  readonly pinned?: Digest;
  readonly release?: RoleChange;
  readonly root?: RoleChange;
  /** The hub's new key, in place of the old one. */
  readonly online?: PublicKey;
  /** Gives up another root that waits for signatures. */
  readonly replace?: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Rotated {
  /** On the branch, or waiting for so many more holders of the root key. */
  readonly kind: "published" | "pending";
  readonly missing: number;
  readonly version: number;
  readonly commit: string;
  readonly trust: Trust;
  readonly signers: readonly PublicKey[];
}

/**
 * Makes the next root of trust (TUF specification, section 6.1): agents follow it when enough holders of the root key, by
 * the rule before and by the rule after, have signed. Also the way out when a root has expired.
 */
export async function rotate(request: RotateRequest, signal: AbortSignal): Promise<Rotated> {
  const { repository, pinned, now, online } = request;
  const { heads, root } = await rootOf(repository, pinned, signal);
  if (heads.pendingRoot !== undefined && !request.replace) {
    throw new Failure(
      "release/another-root-pending",
      `Another root waits for signatures on ${PENDING_ROOT}. Sign it with millwright trust sign, or give it up with --replace.`,
    );
  }
  const { roles, version } = root.trust;
  const hub = online === undefined ? undefined : { keys: [online], threshold: 1 };
  const next = draftRoot(
    {
      version: version + 1,
      roles: {
        root: changed("root", roles.root, request.root),
        targets: changed("release", roles.targets, request.release),
        snapshot: hub ?? roles.snapshot,
        timestamp: hub ?? roles.timestamp,
      },
    },
    now,
  );
  return signAndLand({ repository, heads, root, next }, request, signal);
}

/** Adds one holder's signature to the root that waits, and publishes it when that was the last one missing. */
export async function signRoot(
  request: Omit<RotateRequest, "release" | "root" | "online" | "replace">,
  signal: AbortSignal,
): Promise<Rotated> {
  const { repository, pinned } = request;
  const { heads, root } = await rootOf(repository, pinned, signal);
  if (heads.pendingRoot === undefined) {
    throw new Failure(
      "release/no-root-pending",
      `No root waits for signatures on ${PENDING_ROOT}. Fetch it (git fetch origin ${PENDING_ROOT}:${PENDING_ROOT}), or make one with millwright trust rotate.`,
    );
  }
  const what = "The pending root cannot be signed";
  const { roots } = demand(await readRoots(repository, heads.pendingRoot, signal), what);
  const next = parseRootFile(roots.at(-1) ?? new Uint8Array());
  const parent = await commitOf(repository, `${heads.pendingRoot}^`, signal);
  const { version } = root.trust;
  if (parent !== heads.releases || next === undefined || next.signed.version !== version + 1) {
    throw new Failure(
      "release/pending-root-outdated",
      `The root that waits does not follow root ${version} on the branch. Make it again: millwright trust rotate --replace.`,
    );
  }
  return signAndLand({ repository, heads, root, next }, request, signal);
}

interface Draft {
  readonly repository: string;
  readonly heads: Heads;
  readonly root: TrustedRoot;
  readonly next: Metadata<Root>;
}

async function signAndLand(
  { repository, heads, root, next }: Draft,
  { signer: source, now }: Pick<RotateRequest, "signer" | "now">,
  signal: AbortSignal,
): Promise<Rotated> {
  const { version } = next.signed;
  // Whoever may sign by the old rule or by the new one: somebody who joins has to sign for herself too.
  const both = { trust: trustOf(bytesOf(next)), old: root.trust };
  const roles = { ...root.trust.roles, root: union(both.old.roles.root, both.trust.roles.root) };
  const signer = await signerOf(
    repository,
    source,
    "root",
    { ...root, trust: { ...root.trust, roles } },
    signal,
  );
  if (signer === undefined) {
    throw new Failure(
      "release/no-root-key",
      `No root key is at hand: ${source.keysDir ?? "no folder"} holds none, nor does an ssh-agent. Fetch the disk from its drawer, and name its folder with --keys DIR.`,
    );
  }
  const before = missingOf(root.metadata.signed, next);
  await addSignatureOf(next, signer);
  const missing = missingOf(root.metadata.signed, next);
  if (missing > 0 && missing === before) {
    throw new Failure(
      "release/already-signed",
      `You have signed root ${version} already; ${missing} signatures of other holders of the root key are missing. They run millwright trust sign.`,
    );
  }
  const bytes = bytesOf(next);
  const trust = trustOf(bytes);
  const signers = signersNamed(root.metadata.signed, next);
  const changes = [{ path: `metadata/${version}.root.json`, bytes }];
  const message = `trust: root ${version}, releases need ${trust.roles.targets.threshold} of ${trust.roles.targets.keys.length} signatures\n\n${signers.map((key) => `Signed-with: ${key}\n`).join("")}`;
  const parent = heads.releases;
  const commit = await writeCommit({ repository, parent, changes, message, now }, signal);
  const waiting = { ref: PENDING_ROOT, from: heads.pendingRoot };
  const told = { missing, version, commit, trust, signers };
  if (missing > 0) {
    const still = { ref: RELEASES, from: parent, to: parent };
    await moveRefs(repository, heads.format, [still, { ...waiting, to: commit }], signal);
    return { kind: "pending", ...told };
  }
  const branch = { ref: RELEASES, from: parent, to: commit };
  const done = heads.pendingRoot === undefined ? [] : [{ ...waiting, to: undefined }];
  await moveRefs(repository, heads.format, [branch, ...done], signal);
  return { kind: "published", ...told };
}

/** As it stands on the branch; that it has expired is no hindrance to a new one (TUF specification, section 5.3). */
async function rootOf(repository: string, pinned: Digest | undefined, signal: AbortSignal) {
  const heads = await headsOf(repository, signal);
  if (heads.releases === undefined) throw notInitialised(repository);
  if (heads.checkedOut !== undefined) {
    throw new Failure(
      "release/branch-checked-out",
      `${heads.checkedOut} has the branch releases checked out. Check out another branch there first.`,
    );
  }
  const what = "The root of trust cannot be followed";
  const published = demand(await readRoots(repository, heads.releases, signal), what);
  return { heads, root: demand(trustedRootOf(published, pinned), what) };
}

function changed(name: string, role: RoleKeys, change: RoleChange = {}): RoleKeys {
  const { add = [], remove = [], threshold = role.threshold } = change;
  const unknown = remove.find((key) => !role.keys.includes(key));
  if (unknown !== undefined) {
    throw new Failure(
      "release/unknown-signer",
      `${unknown} is no ${name} key of this repository. See millwright trust show.`,
    );
  }
  const twice = add.find((key, index) => role.keys.includes(key) || add.indexOf(key) !== index);
  if (twice !== undefined) {
    throw new Failure(
      "release/one-signer-twice",
      `${twice} is a ${name} key already, or named twice. Name each key once.`,
    );
  }
  const keys = [...role.keys.filter((key) => !remove.includes(key)), ...add];
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > keys.length) {
    throw new Failure(
      "release/bad-threshold",
      `${threshold} signatures of ${keys.length} ${name} keys cannot be asked for. Name a threshold from 1 to ${keys.length}.`,
    );
  }
  return { keys, threshold };
}

function union(before: RoleKeys, after: RoleKeys): RoleKeys {
  return { ...after, keys: [...new Set([...before.keys, ...after.keys])] };
}

/** Signatures that are missing still, by the old rule and by the new one: the larger number. */
function missingOf(before: Root, next: Metadata<Root>): number {
  const lacks = (root: Root) =>
    (root.roles["root" satisfies RoleName]?.threshold ?? 0) - signersOf(root, "root", next).length;
  return Math.max(0, lacks(before), lacks(next.signed));
}

function signersNamed(before: Root, next: Metadata<Root>): readonly PublicKey[] {
  const named = [before, next.signed].flatMap((root) =>
    signersOf(root, "root", next).flatMap((id) => {
      const key = root.keys[id];
      return (key && publicKeyOfKey(key)) ?? [];
    }),
  );
  return [...new Set(named)];
}

function trustOf(bytes: Uint8Array): Trust {
  const trust = readTrust(bytes);
  if (trust === undefined) throw new Error("impossible: we made a root that we cannot read");
  return trust;
}

/** What is trusted now, and whether something waits for signatures. */
export async function standingTrust(repository: string, signal: AbortSignal) {
  const heads = await headsOf(repository, signal);
  if (heads.releases === undefined) throw notInitialised(repository);
  const what = "The root of trust cannot be followed";
  const published = demand(await readRoots(repository, heads.releases, signal), what);
  const { trust, fingerprint } = demand(trustedRootOf(published, undefined), what);
  const [pending, pendingRoot] = [heads.pending, heads.pendingRoot].map((id) => id !== undefined);
  return { trust, fingerprint, pending: pending === true, pendingRoot: pendingRoot === true };
}

function notInitialised(repository: string): Failure {
  return new Failure(
    "release/not-initialised",
    `${repository} has no branch releases. Fetch it (git fetch origin releases:releases), or run millwright trust init.`,
  );
}
