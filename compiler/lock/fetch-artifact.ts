import { createHash } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOfHex } from "@millwright/schema";
import { Failure } from "../failure.ts";
import type { LockedArtifact } from "./artifact.ts";
import { readFacts } from "./facts.ts";
import { openHttps, reasonOf } from "./open-https.ts";

/** The largest model that is fetched to be locked. Bytes. */
const MAX_SIZE = 2 * 1024 ** 4;
/** What the reader of headers may want of a file. Nothing more is kept. Bytes. */
const MAX_HEADER = 64 * 1024 ** 2;
/** For the whole file. A server that stalls is given up by `fetch` after five minutes. Milliseconds. */
const PATIENCE = 24 * 3_600_000;

/** Hashes a file as it streams by and keeps only its head, so that locking a large model needs no room for it. */
export async function fetchArtifact(source: string, signal: AbortSignal): Promise<LockedArtifact> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-lock-"));
  const path = join(folder, "head.gguf");
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const { digest, size } = await download(source, path, deadline);
    return { digest, size, facts: await readFacts(path, size, source) };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Failure) throw cause;
    throw new Failure(
      "lock/not-fetched",
      `${source} could not be fetched: ${reasonOf(cause)}. Check the address, then run millwright lock again.`,
      { cause },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(source: string, path: string, signal: AbortSignal) {
  const body = await openHttps(source, signal);
  const hash = createHash("sha256");
  let size = 0;
  await using head = await open(path, "wx", 0o600);
  for await (const chunk of body) {
    hash.update(chunk);
    const room = MAX_HEADER - size;
    if (room > 0) await head.writeFile(chunk.subarray(0, room));
    size += chunk.length;
    if (size > MAX_SIZE) throw new Error(`it is larger than ${MAX_SIZE} bytes`);
  }
  const digest = digestOfHex(hash.digest("hex"));
  if (digest === undefined) throw new Error("impossible: SHA-256 is 64 hex digits");
  return { digest, size };
}
