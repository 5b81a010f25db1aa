import type { SimpleGit } from "simple-git";
import { Failure } from "../failure.ts";

/** The id of what a revision names. Throws Failure when it names nothing. */
export async function resolve(
  git: SimpleGit,
  revision: string,
  type: "commit" | "tree",
  repository: string,
): Promise<string> {
  try {
    return (
      await git.raw(["rev-parse", "--verify", "--end-of-options", `${revision}^{${type}}`])
    ).trim();
  } catch (cause) {
    const hint =
      revision === "HEAD"
        ? "It has no commits yet: commit the definitions first."
        : "See git log for what there is.";
    throw new Failure(
      "source/no-such-revision",
      `${repository} has no revision ${revision}. ${hint}`,
      { cause },
    );
  }
}
