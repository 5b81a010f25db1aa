import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { type Digest, hexOf } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { reasonOf } from "../lock/lock.ts";
import type { Place } from "./find-blob.ts";

export interface BlobTarget {
  readonly digest: Digest;
  readonly name: string;
  readonly size: number;
  readonly path: string;
}

const NOT_WRITTEN = "bundle/not-written";

/** Copies the bytes of the first place that has the right ones. Gives which it was. */
export async function copyBlob(
  places: AsyncIterable<Place>,
  target: BlobTarget,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const tried: string[] = [];
  for await (const { where, open: bytes } of places) {
    try {
      const source = await bytes();
      const wrong = source === undefined || !(await pour(source, target, progress, signal));
      if (!wrong) return where;
      // Of a folder with many models most are others; only their digest tells.
      if (tried.length < 8) tried.push(`${where} is another file`);
    } catch (error) {
      signal.throwIfAborted();
      // What the disk cannot take it takes from no other place.
      if (error instanceof Failure && error.code === NOT_WRITTEN) throw error;
      tried.push(`${where} cannot be had (${reasonOf(error)})`);
    }
    await rm(target.path, { force: true });
  }
  const { name, digest, size } = target;
  const why = tried.length === 0 ? "the lock of the released commit does not name it" : "";
  throw new Failure(
    "bundle/no-model",
    `${name} (${digest}, ${size} bytes) was not found: ${why}${tried.join("; ")}. Put the file into a folder and name it with --models DIR, or leave the models out with --no-models if the host has them.`,
  );
}

/** Whether these are the bytes that people signed. */
async function pour(
  source: AsyncIterable<Uint8Array>,
  { digest, name, size, path }: BlobTarget,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = createHash("sha256");
  let at = 0;
  await using file = await open(path, "wx", 0o666);
  for await (const chunk of source) {
    signal.throwIfAborted();
    at += chunk.length;
    // Endless data: not one byte more than people signed is written.
    if (at > size) return false;
    hash.update(chunk);
    await file.writeFile(chunk).catch((cause: unknown) => {
      throw notWritten(name, cause);
    });
    progress(at);
  }
  await file.sync();
  return hash.digest("hex") === hexOf(digest);
}

function notWritten(name: string, cause: unknown): Failure {
  return new Failure(
    NOT_WRITTEN,
    `${name} could not be written: ${reasonOf(cause)}. Choose a disk with room for it; FAT32 takes no file of 4 GiB, exFAT and ext4 do.`,
    { cause },
  );
}
