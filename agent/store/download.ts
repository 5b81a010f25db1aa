import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Clock, Failure, messageOf } from "../life/life.ts";
import { type Pace, paceOf } from "./pace.ts";
import { type HubDoor, openSource } from "./source.ts";

export interface Wanted {
  readonly hex: string;
  readonly size: number;
  readonly source: string;
}

export interface Downloaded {
  /** The digest of all bytes, in hex. */
  readonly found: string;
  /** Some of the bytes were there before: a wrong digest may be theirs, and not the source's fault. */
  readonly resumed: boolean;
}

export interface Means {
  readonly hub: HubDoor | undefined;
  readonly clock: Clock;
  readonly progress: (bytes: number) => void;
}

/** A server that says nothing for so long has gone. */
const STALL_MS = 30_000;

/** Fills `path` up to `size` bytes from one source, going on where an earlier attempt ended. Durable when it returns. */
export async function download(
  path: string,
  { hex, size, source }: Wanted,
  { hub, clock, progress }: Means,
  signal: AbortSignal,
): Promise<Downloaded> {
  await using file = await open(path, "a+", 0o600);
  let hash = createHash("sha256");
  const there = await hashWhatIsThere(path, file, size, hash);
  let resumed = there > 0;
  if (there < size) {
    const patience = patienceOf(clock, signal);
    const { bytes, restarts } = await patience.wait(() =>
      openSource(source, there, hex, hub, patience.signal),
    );
    if (restarts) {
      await file.truncate(0);
      hash = createHash("sha256");
      resumed = false;
    }
    const start = restarts ? 0 : there;
    const pace = paceOf(clock, source);
    const end = await pour(bytes, { file, hash, start, size, progress, patience, pace });
    if (end < size) {
      await file.sync();
      throw new Failure("store/cut-off", `${source} ended after ${end} of ${size} bytes.`);
    }
  }
  await file.sync();
  return { found: hash.digest("hex"), resumed };
}

/** Bytes of an earlier attempt count, but are read again: only what is on the disk now is believed. */
async function hashWhatIsThere(
  path: string,
  file: FileHandle,
  size: number,
  hash: Hash,
): Promise<number> {
  const there = (await file.stat()).size;
  if (there > size) {
    await file.truncate(0);
    return 0;
  }
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return there;
}

interface Pouring {
  readonly file: FileHandle;
  readonly hash: Hash;
  readonly start: number;
  readonly size: number;
  readonly progress: (bytes: number) => void;
  readonly patience: Patience;
  readonly pace: Pace;
}

async function pour(
  bytes: AsyncIterable<Uint8Array>,
  { file, hash, start, size, progress, patience, pace }: Pouring,
): Promise<number> {
  let at = start;
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await patience.wait(() => iterator.next());
      if (next.done === true) return at;
      // Endless data: the plan says how many bytes there are, and not one more is written.
      if (at + next.value.length > size)
        throw new Failure(
          "store/too-long",
          `More than the ${size} bytes that the plan names were offered.`,
        );
      await file.appendFile(next.value);
      hash.update(next.value);
      at += next.value.length;
      progress(at);
      if (at < size) pace.took(next.value.length);
    }
  } finally {
    // Also when the disk is full: the source is let go, or it would hold a connection for ever.
    patience.end();
    await iterator.return?.().catch(() => undefined);
  }
}

interface Patience {
  /** Aborts when the caller stops, when the source has been silent for too long, and when it is let go. */
  readonly signal: AbortSignal;
  /** Waits for the source's next sign of life. Throws Failure when none comes in time. */
  wait<T>(next: () => Promise<T>): Promise<T>;
  end(): void;
}

/** Slow retrieval: a source that keeps the line open and says nothing is given up. */
function patienceOf(clock: Clock, signal: AbortSignal): Patience {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  return {
    signal: either,
    end: () => over.abort(),
    async wait(next) {
      let isLate = false;
      const arrived = new AbortController();
      const alarm = clock.sleep(STALL_MS, AbortSignal.any([arrived.signal, signal])).then(() => {
        if (arrived.signal.aborted || signal.aborted) return;
        isLate = true;
        over.abort();
      });
      try {
        return await next();
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof Failure) throw cause;
        const reason = isLate ? `nothing came for ${STALL_MS / 1000} s` : reasonOf(cause);
        throw new Failure("store/interrupted", `The transfer broke off: ${reason}.`, { cause });
      } finally {
        arrived.abort();
        await alarm;
      }
    },
  };
}

/** `fetch failed` says nothing; what caused it does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== "" ? cause.message : messageOf(error);
}
