import type { Readable } from "node:stream";
import { gitIn, startGit } from "./git.ts";
import { cannotList } from "./list-tree.ts";
import { resolve as resolveRevision } from "./revision.ts";

/** One file of a commit, as a stream, whatever its size. */
export interface BlobAt {
  /** Bytes. */
  readonly size: number;
  readonly content: Readable;
}

/** `undefined` when the commit holds no such file (a link is none). */
export async function readBlobAt(
  repository: string,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<BlobAt | undefined> {
  const git = await gitIn(repository, signal);
  const id = await resolveRevision(git, commit, "commit", repository);
  const listed = await git("ls-tree", "-z", "--long", "--full-tree", id, "--", path);
  if (listed === undefined) throw cannotList(path, commit);
  const [, object, size, found] =
    /^100(?:644|755) blob ([0-9a-f]+) +(\d+)\t([^\0]+)\0$/.exec(listed) ?? [];
  // A folder lists what is in it: that is another file than the one asked for.
  if (object === undefined || found !== path) return undefined;
  const child = startGit(repository, ["cat-file", "blob", object], signal);
  // Without a listener, an aborted download would end the whole process.
  child.on("error", (error) => child.stdout.destroy(error));
  child.stdin.on("error", (error) => child.stdout.destroy(error));
  child.stdin.end();
  return { size: Number(size), content: child.stdout };
}
