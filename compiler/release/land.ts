import type { HostName, PublicKey, Revision } from "@millwright/schema";
import type { Metadata, Targets } from "@tufjs/models";
import { Failure } from "../failure.ts";
import { type Change, writeCommit } from "./commit.ts";
import type { HostChanges } from "./host-changes.ts";
import { bytesOf } from "./metadata.ts";
import { type Heads, moveRefs, PENDING, RELEASES } from "./repository.ts";
import { revisionBytes, rootOfRevision } from "./statement.ts";
import { releaseSigners, type TrustedRoot } from "./trusted-root.ts";

/** A revision on its way to the branch, with the signatures that it has so far. */
export interface Draft {
  readonly repository: string;
  readonly heads: Heads;
  readonly root: TrustedRoot;
  readonly revision: Revision;
  readonly targets: Metadata<Targets>;
  readonly hosts: HostChanges;
  /** The plans that are added or changed. */
  readonly plans: ReadonlyMap<HostName, Uint8Array>;
}

interface Landed {
  readonly number: number;
  /** The root of the tree of plans, 64 hex digits. */
  readonly root: string;
  /** On `releases`, or on the pending ref. */
  readonly commit: string;
  readonly hosts: HostChanges;
  readonly signers: readonly PublicKey[];
}

export type Released =
  | ({ readonly kind: "published" } & Landed)
  /** Not on the branch yet: so many people have still to sign. */
  | ({ readonly kind: "pending"; readonly missing: number } & Landed);

/**
 * Puts the draft where its signatures allow: on the branch when they suffice, otherwise on the pending ref.
 * The commit is written whole before a ref moves, and the refs move together or not at all.
 */
export async function land(draft: Draft, now: number, signal: AbortSignal): Promise<Released> {
  const { repository, heads, root, revision, targets, hosts, plans } = draft;
  if (heads.checkedOut !== undefined) {
    throw new Failure(
      "release/branch-checked-out",
      `${heads.checkedOut} has the branch releases checked out. Check out another branch there first.`,
    );
  }
  const signers = releaseSigners(root, targets);
  const changes: Change[] = [
    ...hosts.removed.map((host) => ({ path: `plans/${host}.json`, bytes: undefined })),
    ...[...plans].map(([host, bytes]) => ({ path: `plans/${host}.json`, bytes })),
    { path: "revision.json", bytes: revisionBytes(revision) },
    { path: "metadata/targets.json", bytes: bytesOf(targets) },
  ];
  const message = messageOf(draft, signers);
  const parent = heads.releases;
  const commit = await writeCommit({ repository, parent, changes, message, now }, signal);
  const { number } = revision.predicate;
  const landed = { number, root: rootOfRevision(revision), commit, hosts, signers };
  const missing = root.trust.roles.targets.threshold - signers.length;
  const pending = { ref: PENDING, from: heads.pending };
  if (missing > 0) {
    // What is signed follows the newest revision: if another one came first, nothing is recorded.
    const still = { ref: RELEASES, from: parent, to: parent };
    await moveRefs(repository, heads.format, [still, { ...pending, to: commit }], signal);
    return { kind: "pending", missing, ...landed };
  }
  const branch = { ref: RELEASES, from: parent, to: commit };
  const done = heads.pending === undefined ? [] : [{ ...pending, to: undefined }];
  await moveRefs(repository, heads.format, [branch, ...done], signal);
  return { kind: "published", ...landed };
}

/** What auditors read in the history. */
function messageOf({ revision, hosts }: Draft, signers: readonly PublicKey[]): string {
  const { number, fleet, commit, hosts: count, compiler } = revision.predicate;
  const touched = hosts.added.length + hosts.changed.length + hosts.removed.length;
  return [
    `${fleet}: revision ${number}, ${touched === 1 ? "1 host" : `${touched} hosts`} of ${count}`,
    "",
    ...[listOf("Added", hosts.added), listOf("Changed", hosts.changed)].flat(),
    ...listOf("Removed", hosts.removed),
    "",
    `Source-commit: ${commit}`,
    `Plans-root: ${rootOfRevision(revision)}`,
    `Compiler: ${compiler}`,
    ...signers.map((key) => `Signed-with: ${key}`),
    "",
  ].join("\n");
}

function listOf(title: string, hosts: readonly HostName[]): readonly string[] {
  if (hosts.length === 0) return [];
  const more = hosts.length > 50 ? ` and ${hosts.length - 50} more` : "";
  return [`${title}: ${hosts.slice(0, 50).join(", ")}${more}`];
}
