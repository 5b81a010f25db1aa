import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, opendir } from "node:fs/promises";
import { type BundleRefusal, type Refused, refused } from "./refusal.ts";

type Found<T> = { readonly ok: true; readonly value: T } | Refused<BundleRefusal>;

/** The size of a plain file that is not opened yet. */
export async function sizeOf(path: string, name: string): Promise<Found<number>> {
  const stats = await lstat(path);
  return isPlain(stats)
    ? { ok: true, value: stats.size }
    : refused("bundle/not-plain", `${name} is no plain file.`);
}

/** All bytes of a plain file. */
export async function readPlain(
  path: string,
  name: string,
  limit: number,
): Promise<Found<Uint8Array>> {
  // Devices and pipes: opening one may already do something, or wait for ever. So it is looked at first.
  const before = await sizeOf(path, name);
  if (!before.ok) return before;
  // A link that took the file's place since then is not followed, a pipe is not waited for.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ELOOP") return undefined;
    throw error;
  });
  if (file === undefined) return refused("bundle/not-plain", `${name} is a link.`);
  await using open_ = file;
  const stats = await open_.stat();
  if (!isPlain(stats)) return refused("bundle/not-plain", `${name} is no plain file.`);
  // Endless data: no file may cost more to read than the largest honest one.
  if (stats.size > limit)
    return refused("bundle/too-large", `${name} has ${stats.size} bytes; ${limit} are allowed.`);
  return { ok: true, value: await readUpTo(open_, stats.size) };
}

/** The names in a real folder, `limit` of them at most. */
export async function namesIn(
  path: string,
  name: string,
  limit: number,
): Promise<Found<readonly string[]>> {
  // Symlinked folder: it could lead to files that this agent may read and whoever made the bundle may not.
  if (!(await lstat(path)).isDirectory())
    return refused("bundle/not-plain", `${name} is no folder.`);
  const names: string[] = [];
  for await (const entry of await opendir(path)) {
    // Endless data: a folder with a million files.
    if (names.length >= limit)
      return refused("bundle/too-many", `${name} holds more than ${limit} files.`);
    names.push(entry.name);
  }
  return { ok: true, value: names };
}

/** Hard link: a second name for a file of somebody else's, who can change it after it was looked at. */
function isPlain(stats: Stats): boolean {
  return stats.isFile() && stats.nlink === 1;
}

/** A file that grows while it is read is read to the size that it had. */
async function readUpTo(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
