import { type CommitSaid, readCommitObject } from "./commit-object.ts";
import { ObjectReader } from "./object-reader.ts";

/** What the authors of these commits say of them; those that git does not have are left out. */
export async function commitsSaid(
  repository: string,
  commits: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CommitSaid>> {
  await using reader = new ObjectReader(repository, signal);
  const found = new Map<string, CommitSaid>();
  for (const commit of new Set(commits)) {
    const said = await readCommitObject(reader, commit);
    if (said === undefined) continue;
    const { tree: _, ...rest } = said;
    found.set(commit, rest);
  }
  return found;
}
