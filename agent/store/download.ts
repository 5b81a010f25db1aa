import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Clock, Failure, messageOf } from "../life/life.ts";

/** Where the hub's own blobs are, and the token that opens them. */
export interface HubDoor {
  readonly origin: string;
  token(): Promise<string>;
}

export interface Wanted {
  readonly hex: string;
  readonly size: number;
  readonly source: string;
}

/** A server that says nothing for so long has gone. */
const STALL_MS = 30_000;
const REDIRECTS = 5;

/** Fills `path` up to `size` bytes from one source, going on where an earlier attempt ended. Gives the digest of all bytes, in hex. */
export async function download(
  path: string,
  { hex, size, source }: Wanted,
  {
    hub,
    clock,
    progress,
  }: {
    readonly hub: HubDoor | undefined;
    readonly clock: Clock;
    readonly progress: (bytes: number) => void;
  },
  signal: AbortSignal,
): Promise<string> {
  await using file = await open(path, "a+", 0o600);
  const hash = createHash("sha256");
  let at = await hashWhatIsThere(path, file, size, hash);
  if (at < size) {
    const stalled = new AbortController();
    const either = AbortSignal.any([signal, stalled.signal]);
    const chunks = source.startsWith("file:///")
      ? readFrom(source, at, either)
      : await fetchFrom(source, hex, at, hub, either);
    if (chunks.restarts) {
      await file.truncate(0);
      at = 0;
    }
    const digest = chunks.restarts ? createHash("sha256") : hash;
    at = await pour(chunks.bytes, { file, digest, at, size, clock, progress, stalled }, signal);
    await file.sync();
    if (at < size)
      throw new Failure("store/cut-off", `${source} ended after ${at} of ${size} bytes.`);
    return digest.digest("hex");
  }
  await file.sync();
  return hash.digest("hex");
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

interface Chunks {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The source could not go on in the middle, and begins anew. */
  readonly restarts: boolean;
}

function readFrom(source: string, at: number, signal: AbortSignal): Chunks {
  return { bytes: createReadStream(fileURLToPath(source), { start: at, signal }), restarts: false };
}

async function fetchFrom(
  source: string,
  hex: string,
  at: number,
  hub: HubDoor | undefined,
  signal: AbortSignal,
): Promise<Chunks> {
  if (source !== "hub:") return respond(source, at, {}, signal);
  if (hub === undefined)
    throw new Failure("store/no-hub", "The model is to come from the hub, and no hub is known.");
  return respond(
    `${hub.origin}/v1/blobs/sha256/${hex}`,
    at,
    { authorization: `Bearer ${await hub.token()}` },
    signal,
  );
}

async function respond(
  from: string,
  at: number,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Chunks> {
  let url = from;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const range = at > 0 ? { range: `bytes=${at}-` } : {};
    const response = await fetch(url, {
      headers: { ...headers, ...range },
      redirect: "manual",
      signal,
    });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      const next = new URL(location, url);
      // Downgrade: a redirect must not lead out of TLS, nor carry the hub's token elsewhere.
      if (next.protocol !== "https:" || headers["authorization"] !== undefined)
        throw new Failure(
          "store/redirected",
          `${from} leads to ${next.origin}, which is not followed.`,
        );
      url = next.href;
      continue;
    }
    if (response.body === null || (response.status !== 200 && response.status !== 206)) {
      await response.body?.cancel();
      throw new Failure("store/not-served", `${from} answered ${response.status}.`);
    }
    return { bytes: response.body, restarts: at > 0 && response.status === 200 };
  }
  throw new Failure("store/redirected", `${from} redirects more than ${REDIRECTS} times.`);
}

interface Pouring {
  readonly file: FileHandle;
  readonly digest: Hash;
  readonly at: number;
  readonly size: number;
  readonly clock: Clock;
  readonly progress: (bytes: number) => void;
  readonly stalled: AbortController;
}

async function pour(
  bytes: AsyncIterable<Uint8Array>,
  { file, digest, at: start, size, clock, progress, stalled }: Pouring,
  signal: AbortSignal,
): Promise<number> {
  let at = start;
  const iterator = bytes[Symbol.asyncIterator]();
  while (true) {
    const next = await inTime(iterator.next(), clock, stalled, signal);
    if (next.done === true) return at;
    // Endless data: the plan says how many bytes there are, and not one more is written.
    if (at + next.value.length > size) {
      stalled.abort();
      throw new Failure(
        "store/too-long",
        `More than the ${size} bytes that the plan names were offered.`,
      );
    }
    await file.appendFile(next.value);
    digest.update(next.value);
    at += next.value.length;
    progress(at);
  }
}

/** Slow retrieval: a source that keeps the line open and says nothing is given up. */
async function inTime<T>(
  next: Promise<T>,
  clock: Clock,
  stalled: AbortController,
  signal: AbortSignal,
): Promise<T> {
  const arrived = new AbortController();
  const late = clock.sleep(STALL_MS, AbortSignal.any([arrived.signal, signal])).then(() => {
    if (!arrived.signal.aborted) stalled.abort();
  });
  try {
    return await next;
  } catch (cause) {
    signal.throwIfAborted();
    const reason = stalled.signal.aborted
      ? `nothing came for ${STALL_MS / 1000} s`
      : messageOf(cause);
    throw new Failure("store/interrupted", `The transfer broke off: ${reason}.`, { cause });
  } finally {
    arrived.abort();
    await late;
  }
}
