import { Failure } from "../failure.ts";
import { git, runGit } from "./git.ts";

export const RELEASES = "refs/heads/releases";
/** A release that waits for signatures. */
export const PENDING = "refs/millwright/pending";
/** A new root of trust that waits for signatures. */
export const PENDING_ROOT = "refs/millwright/pending-root";

/** Where the two refs stand. */
export interface Heads {
  /** The hash function of the repository's objects: `sha1` or `sha256`. */
  readonly format: string;
  readonly releases: string | undefined;
  readonly pending: string | undefined;
  readonly pendingRoot: string | undefined;
  /** The work tree that has `releases` checked out; moving the branch would pull the ground from under it. */
  readonly checkedOut: string | undefined;
  /** `releases` as remotes have it. */
  readonly remote: readonly string[];
}

export async function headsOf(repository: string, signal: AbortSignal): Promise<Heads> {
  const format = await runGit(repository, ["rev-parse", "--show-object-format"], {}, signal);
  if (format.code !== 0) {
    throw new Failure(
      "release/no-repository",
      `${repository} is no git repository that can be read: ${format.complaint}`,
    );
  }
  const fields = "%(refname)%00%(objectname)%00%(worktreepath)";
  const patterns = [RELEASES, PENDING, PENDING_ROOT, "refs/remotes/*/releases"];
  const args = ["for-each-ref", `--format=${fields}`, ...patterns];
  const out = await git(repository, args, {}, signal);
  const refs = new Map(
    out
      .toString("utf8")
      .split("\n")
      .map((row) => row.split("\0"))
      .map(([name = "", id, path]) => [name, { id, path }] as const),
  );
  return {
    format: format.out.toString("utf8").trim(),
    releases: refs.get(RELEASES)?.id,
    pending: refs.get(PENDING)?.id,
    pendingRoot: refs.get(PENDING_ROOT)?.id,
    checkedOut: refs.get(RELEASES)?.path || undefined,
    remote: [...refs.keys()].filter((name) => name.startsWith("refs/remotes/")),
  };
}

export interface Move {
  readonly ref: string;
  /** `undefined`: the ref must not exist. */
  readonly from: string | undefined;
  /** `undefined`: the ref is deleted. The same as `from`: it only has to hold still. */
  readonly to: string | undefined;
}

/** Moves all refs or none, and only when each still stands where it was seen. */
export async function moveRefs(
  repository: string,
  format: string,
  moves: readonly Move[],
  signal: AbortSignal,
): Promise<void> {
  const none = "0".repeat(format === "sha256" ? 64 : 40);
  const commands = moves.map(({ ref, from = none, to }) => {
    if (to === undefined) return `delete ${ref} ${from}\n`;
    return to === from ? `verify ${ref} ${from}\n` : `update ${ref} ${to} ${from}\n`;
  });
  const input = ["start\n", ...commands, "prepare\n", "commit\n"];
  const args = ["update-ref", "-m", "millwright", "--stdin"];
  const { code, complaint } = await runGit(repository, args, { input }, signal);
  if (code !== 0) {
    throw new Failure(
      "release/branch-moved",
      `The release was not recorded, and nothing has changed: ${complaint}. Someone else may have released meanwhile; fetch and run it again.`,
    );
  }
}

/** Every folder that belongs to the repository: its work trees and where its objects lie. */
export async function foldersOf(
  repository: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const list = await git(repository, ["worktree", "list", "--porcelain", "-z"], {}, signal);
  const args = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
  const common = await git(repository, args, {}, signal);
  const trees = list
    .toString("utf8")
    .split("\0")
    .filter((field) => field.startsWith("worktree "))
    .map((field) => field.slice("worktree ".length));
  return [...trees, common.toString("utf8").trimEnd()];
}
