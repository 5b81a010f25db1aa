import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Digest, hexOf } from "@millwright/schema";
import { Failure } from "../../failure.ts";
import { LOCK_PATH, lockedPaths } from "../../lock/lock.ts";
import type { Mirror } from "./mirror.ts";

const MAX_LOCK = 16 * 1024 ** 2;

/** A model that lies in the repository. */
interface BlobRequest {
  readonly digest: Digest;
  /** What the plan says; more is never read. */
  readonly size: number;
  /** The released commit. */
  readonly commit: string;
}

/** Models in the repository, taken out of git once and then served as files: a range of them can be asked for. */
export interface Blobs {
  /** The path of a file with exactly these bytes; `undefined` when the commit has none. */
  pathOf(request: BlobRequest, signal: AbortSignal): Promise<string | undefined>;
  /** Deletes the files that no plan names any more. */
  collect(kept: ReadonlySet<Digest>): Promise<void>;
}

export async function blobsIn(folder: string, mirror: Mirror): Promise<Blobs> {
  const files = join(folder, "sha256");
  const partial = join(folder, "partial");
  // What was half taken out when the hub was killed is of no use.
  await rm(partial, { recursive: true, force: true });
  await mkdir(files, { recursive: true, mode: 0o700 });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const running = new Map<Digest, Promise<string | undefined>>();

  const extract = async ({ digest, size, commit }: BlobRequest, signal: AbortSignal) => {
    const path = await pathInRepository(mirror, commit, digest, signal);
    if (path === undefined) return undefined;
    const temporary = join(partial, hexOf(digest));
    try {
      const found = await copy(mirror.read(commit, path, signal), temporary, size, signal);
      if (found !== hexOf(digest)) {
        throw new Failure(
          "hub/not-the-locked",
          `${path} at ${commit.slice(0, 12)} is sha256:${found}, not ${digest} as the lock says. Is it a pointer of Git LFS? Run millwright lock again.`,
        );
      }
      const target = join(files, hexOf(digest));
      await rename(temporary, target);
      return target;
    } finally {
      await rm(temporary, { force: true });
    }
  };

  return {
    async pathOf(request, signal) {
      const { digest, size } = request;
      const target = join(files, hexOf(digest));
      if ((await sizeOf(target)) === size) return target;
      const before = running.get(digest);
      if (before !== undefined) return before;
      const work = extract(request, signal).finally(() => running.delete(digest));
      running.set(digest, work);
      return work;
    },
    async collect(kept) {
      const names = new Set([...kept].map(hexOf));
      for (const name of await readdir(files)) {
        if (!names.has(name)) await rm(join(files, name), { force: true });
      }
    },
  };
}

/** Where the lock at the commit finds these bytes in the repository. */
async function pathInRepository(
  mirror: Mirror,
  commit: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = await buffer(
    Readable.from(limited(mirror.read(commit, LOCK_PATH, signal), MAX_LOCK, signal)),
  );
  const paths = lockedPaths(text.toString("utf8"));
  if (paths === undefined)
    throw new Failure("hub/bad-lock", `${LOCK_PATH} at ${commit} is no lock.`);
  return paths.get(digest);
}

/** Copies at most `size` bytes to a new file, onto the disk. Gives their SHA-256 in hex. */
async function copy(
  source: AsyncIterable<Buffer>,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const target = createWriteStream(path, { mode: 0o600 });
  await pipeline(limited(source, size, signal), hashing, target, { signal });
  await using file = await open(path, "r");
  await file.sync();
  return hash.digest("hex");
}

async function* limited(
  source: AsyncIterable<Buffer>,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of source) {
    signal.throwIfAborted();
    left -= chunk.length;
    if (left < 0) throw new Failure("hub/too-large", `A file in git has more than ${size} bytes.`);
    yield chunk;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
