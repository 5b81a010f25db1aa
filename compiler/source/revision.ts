import { Failure } from "../failure.ts";
import type { Git } from "./git.ts";

/** The id of what a revision names. Throws Failure when it names nothing. */
export async function resolve(
  git: Git,
  revision: string,
  type: "commit" | "tree",
  repository: string,
): Promise<string> {
  const id = await git("rev-parse", "--verify", "--end-of-options", `${revision}^{${type}}`);
  if (id !== undefined) return id.trim();
  throw new Failure(
    "source/no-such-revision",
    `${repository} has no revision ${revision}. ${await hint(git, revision)}`,
  );
}

async function hint(git: Git, revision: string): Promise<string> {
  if (revision === "HEAD") return "It has no commits yet: commit the definitions first.";
  const isShallow = (await git("rev-parse", "--is-shallow-repository"))?.trim() === "true";
  return isShallow
    ? "The clone is shallow: git fetch --unshallow brings the older commits."
    : "See git log for what there is; git fetch brings what others have.";
}
