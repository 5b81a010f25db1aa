import type { Readable } from "node:stream";
import { gitIn, startGit } from "./git.ts";

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
  const listed = await git.raw(["ls-tree", "-z", "--long", "--full-tree", commit, "--", path]);
  const [, object, size] = /^100(?:644|755) blob ([0-9a-f]+) +(\d+)\t/.exec(listed) ?? [];
  if (object === undefined) return undefined;
  const child = startGit(repository, ["cat-file", "blob", object], signal);
  child.stdin.end();
  return { size: Number(size), content: child.stdout };
}
