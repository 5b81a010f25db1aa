import { Failure } from "../failure.ts";
import { runGit } from "./run-git.ts";

/** A commit that touched the definitions, or a merge; its parents are the nearest such commits before it. */
export interface WalkedCommit {
  readonly commit: string;
  readonly parents: readonly string[];
}

/**
 * The commits that touched `factories/`, newest first, none before one that follows from it; no more than `most`.
 * All of the history is walked, both sides of a merge: which of them matters the values tell, not the texts.
 */
export async function walk(
  repository: string,
  commit: string,
  most: number,
  patienceMs: number,
  signal: AbortSignal,
): Promise<readonly WalkedCommit[]> {
  // What is no id could be read as an option of git.
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Error(`impossible: ${commit} is no commit id`);
  const deadline = AbortSignal.timeout(patienceMs);
  const args = ["rev-list", "--date-order", "--full-history", "--parents", `--max-count=${most}`];
  try {
    // Beside the repository's own folder: the path is one of the folder that was named.
    const list = await runGit(
      repository,
      ["--literal-pathspecs", ...args, commit, "--", "factories"],
      AbortSignal.any([signal, deadline]),
    );
    if (list.kind !== "said")
      throw new Failure(
        "history/git-failed",
        `git cannot walk the history of ${repository}: a damaged clone? Run git fsck, or git fetch.`,
      );
    return list.text.split("\n").flatMap((line) => {
      const [id = "", ...parents] = line.split(" ");
      return id === "" ? [] : [{ commit: id, parents }];
    });
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error;
    throw new Failure(
      "history/too-slow",
      `git did not walk the history of ${repository} within ${patienceMs / 1_000} seconds. Run git commit-graph write --reachable --changed-paths once: it is quick after that.`,
    );
  }
}
