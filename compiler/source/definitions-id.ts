import { gitIn } from "./git.ts";
import { resolve } from "./revision.ts";

/** A commit, and the id of the tree of its definitions: two commits with the same tree mean the same. */
export interface DefinitionsId {
  readonly commit: string;
  /** Absent: it has no definitions. */
  readonly tree?: string;
}

/** Throws Failure when the revision names nothing. */
export async function definitionsId(
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<DefinitionsId> {
  const git = await gitIn(repository, signal);
  const commit = await resolve(git, revision, "commit", repository);
  const tree = await git(
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${commit}:./factories`,
  );
  return { commit, ...(tree !== undefined && { tree: tree.trim() }) };
}
