import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Digest } from "@millwright/schema";
import { LOCK_PATH, lockedPaths, openHttps } from "../lock/lock.ts";
import { readBlobAt } from "../source/source.ts";

/** Some bytes that a plan names, and where they may be. */
export interface BlobWish {
  readonly repository: string;
  /** The released commit. */
  readonly commit: string;
  readonly models?: string;
  readonly digest: Digest;
  readonly size: number;
  readonly sources: readonly string[];
}

/** One place where the bytes may be. */
export interface Place {
  /** For people. */
  readonly where: string;
  /** The bytes as they come; `undefined`: they cannot be these. Throws when they cannot be had. */
  open(): Promise<AsyncIterable<Uint8Array> | undefined>;
}

const MAX_LOCK = 16 * 1024 ** 2;

/** The places for some bytes, the nearest first. Whether they hold the right ones only their digest says. */
export async function* findBlob(wish: BlobWish, signal: AbortSignal): AsyncGenerator<Place> {
  const { repository, commit, models, digest, size, sources } = wish;
  if (models !== undefined) {
    const entries = await readdir(models, { recursive: true, withFileTypes: true });
    for (const { name, parentPath } of entries.filter((entry) => entry.isFile()))
      yield fileAt(join(parentPath, name), size);
  }
  for (const source of sources) {
    if (source.startsWith("file:///")) yield fileAt(fileURLToPath(source), size);
    else if (source !== "hub:")
      yield { where: source, open: async () => (await openHttps(source, signal)).values() };
    else {
      const path = await pathOf(repository, commit, digest, signal);
      if (path === undefined) continue;
      // The work tree has what Git LFS keeps out of git.
      yield fileAt(join(repository, path), size);
      yield inGit(repository, commit, path, size, signal);
    }
  }
}

function fileAt(path: string, size: number): Place {
  return {
    where: path,
    async open() {
      const found = await stat(path);
      return found.isFile() && found.size === size ? createReadStream(path) : undefined;
    },
  };
}

function inGit(
  repository: string,
  commit: string,
  path: string,
  size: number,
  signal: AbortSignal,
): Place {
  return {
    where: `${path} at ${commit.slice(0, 12)}`,
    async open() {
      const blob = await readBlobAt(repository, commit, path, signal);
      if (blob?.size === size) return blob.content;
      blob?.content.destroy();
      return undefined;
    },
  };
}

/** Where the lock of the released commit finds these bytes in the repository. */
async function pathOf(
  repository: string,
  commit: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const lock = await readBlobAt(repository, commit, LOCK_PATH, signal);
  if (lock === undefined) return undefined;
  if (lock.size > MAX_LOCK) {
    lock.content.destroy();
    return undefined;
  }
  return lockedPaths((await buffer(lock.content)).toString("utf8"))?.get(digest);
}
