import { constants } from "node:fs";
import { chmod, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { digestOf } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import { isDiskFull, onDisk } from "./disk-failure.ts";
import { readState, removeState, writeState } from "./part-state.ts";
import { hashFrom, newHash, type RunningHash } from "./running-hash.ts";

/**
 * A file that is being filled. Its bytes are hashed as they come; how far it is, and the hash up to there, is written
 * down, so that the next process goes on without reading a byte of it again.
 */
export interface Part extends AsyncDisposable {
  /** So many bytes are here. */
  readonly at: number;
  /** Who gave all of them, when it was one alone in this life of the process: whom to blame. */
  readonly author: string | undefined;
  /** What this source called the version of the file that it gave the last bytes of. */
  etagOf(source: string): string | undefined;
  /** What comes now comes from here. */
  from(source: string, etag: string | undefined): void;
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing of it is believed any more. */
  restart(): Promise<void>;
  /** Writes down how far it is; where nothing is here, leaves nothing behind. */
  keep(): Promise<void>;
  /** Makes everything durable, and gives the digest in hex. */
  finish(): Promise<string>;
}

interface Whole {
  readonly hex: string;
  readonly size: number;
}

/** After so many bytes it is written down how far a file is, but not twice within so long. */
const KEEP_BYTES = 8 * 1024 ** 2;
const KEEP_MS = 500;
/** What is looked at again before a file is gone on with: a power cut leaves zeros at its end. */
const TAIL = 64 * 1024;

export async function openPart(path: string, whole: Whole, clock: Clock): Promise<Part> {
  const disk = <T>(work: () => Promise<T>) => onDisk(dirname(path), work);
  await disk(() => makeWritable(path));
  const file = await disk(() => open(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  const found = await disk(() => resume(path, file, whole));
  let { hash, at, source, etag } = found;
  let author: string | undefined;
  /** The step before the last one: where a full disk is gone back to. */
  let before = { at, hash: hash.save() };
  let kept = { at, when: clock.now() };

  const writeDown = (state: { readonly at: number; readonly hash: Uint8Array }) =>
    disk(async () => {
      await file.datasync();
      await writeState(path, {
        ...{ schema: "part/1", ...whole, at: state.at, tail: await tailOf(file, state.at) },
        hash: Buffer.from(state.hash).toString("base64"),
        ...(source !== undefined && { source }),
        ...(etag !== undefined && { etag }),
      });
      kept = { at: state.at, when: clock.now() };
    });

  /** What is said of a file needs some bytes as well: on a full disk the last step of the file gives way. */
  const giveWay = async () => {
    await disk(() => file.truncate(before.at));
    const back = await hashFrom(before.hash);
    if (back === undefined) throw new Error("impossible: a hash that was just saved");
    at = before.at;
    hash = back;
    await writeDown(before);
  };

  const keep = async () => {
    if (at === 0) {
      await disk(() => rm(path, { force: true }));
      await disk(() => removeState(path));
      return;
    }
    try {
      await writeDown({ at, hash: hash.save() });
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await giveWay();
    }
  };

  return {
    get at() {
      return at;
    },
    get author() {
      return author;
    },
    etagOf: (asked) => (asked === source ? etag : undefined),
    from(giver, version) {
      author = at === 0 || author === giver ? giver : undefined;
      source = giver;
      etag = version;
    },
    async write(bytes) {
      await disk(() => writeAll(file, bytes, at));
      before = { at, hash: hash.save() };
      hash.update(bytes);
      at += bytes.length;
      const isDue = at - kept.at >= KEEP_BYTES && Math.abs(clock.now() - kept.when) >= KEEP_MS;
      if (isDue) await writeDown({ at, hash: hash.save() });
    },
    async restart() {
      await disk(async () => {
        await removeState(path);
        await file.truncate(0);
      });
      hash = await newHash();
      at = 0;
      author = undefined;
      etag = undefined;
      before = { at, hash: hash.save() };
      kept = { at, when: clock.now() };
    },
    keep,
    async finish() {
      await disk(() => file.sync());
      return hash.hex();
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** A process that ended between its last two steps left a whole file that nobody may write to. */
async function makeWritable(path: string): Promise<void> {
  try {
    await chmod(path, 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

interface Found {
  readonly hash: RunningHash;
  readonly at: number;
  readonly source?: string | undefined;
  readonly etag?: string | undefined;
}

/** Goes on where an earlier process wrote down that it was. What does not fit together is begun anew. */
async function resume(path: string, file: FileHandle, { hex, size }: Whole): Promise<Found> {
  const state = await readState(path);
  const there = (await file.stat()).size;
  if (state !== undefined && isOf(state, hex, size) && state.at <= there) {
    const hash = await hashFrom(Buffer.from(state.hash, "base64"));
    if (hash !== undefined && (await tailOf(file, state.at)) === state.tail) {
      // What came after that is in no hash.
      await file.truncate(state.at);
      return { hash, at: state.at, source: state.source, etag: state.etag };
    }
  }
  await removeState(path);
  await file.truncate(0);
  return { hash: await newHash(), at: 0 };
}

function isOf(state: Whole & { readonly at: number }, hex: string, size: number): boolean {
  return state.hex === hex && state.size === size && state.at <= size;
}

async function tailOf(file: FileHandle, at: number): Promise<string> {
  const length = Math.min(TAIL, at);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at - length);
  return digestOf(buffer.subarray(0, bytesRead));
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
