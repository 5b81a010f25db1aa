import { Failure } from "../failure.ts";
import { gitIn } from "./git.ts";
import { resolve } from "./revision.ts";

/** The newest commit that two revisions have in common: what a branch began from. */
export async function mergeBase(
  repository: string,
  one: string,
  other: string,
  signal: AbortSignal,
): Promise<string> {
  const git = await gitIn(repository, signal);
  const [first, second] = await Promise.all([
    resolve(git, one, "commit", repository),
    resolve(git, other, "commit", repository),
  ]);
  const found = (await git("merge-base", first, second))?.trim();
  if (found !== undefined && found !== "") return found;
  const isShallow = (await git("rev-parse", "--is-shallow-repository"))?.trim() === "true";
  throw new Failure(
    "source/no-merge-base",
    `${one} and ${other} have no commit in common${isShallow ? " in this shallow clone: run git fetch --unshallow, or give CI's checkout fetch-depth: 0" : ": compare them without --merge-base"}.`,
  );
}
