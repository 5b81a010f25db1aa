import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { type Digest, digestOfHex } from "@millwright/schema";
import { Failure } from "../failure.ts";
import type { LockedArtifact } from "./artifact.ts";
import { readFacts } from "./facts.ts";

/** The largest model that is fetched to be locked. Bytes. */
const MAX_FETCH = 2 * 1024 ** 4;
/** A server that says nothing for so long has gone. Milliseconds. */
const STALL = 60_000;

/** What a source is now: its digest, size and facts. Throws Failure when it cannot be had or is no model. */
export async function resolveSource(
  source: string,
  factories: string,
  signal: AbortSignal,
): Promise<LockedArtifact> {
  if (source.startsWith("https://")) return fetched(source, signal);
  return onDisk(await localPath(source, factories), source, signal);
}

/** `file:models/x.gguf` lies below the folder of definitions, `file:///srv/x.gguf` where it says. */
async function localPath(source: string, factories: string): Promise<string> {
  if (source.startsWith("file:///")) return fileURLToPath(source);
  const inside = source.slice("file:".length);
  if (inside.startsWith("/") || inside.split("/").includes("..")) {
    throw new Failure(
      "lock/outside",
      `${source} leads out of factories/. Write file:models/x.gguf for a file beside the definitions, file:///path for one on every host.`,
    );
  }
  const path = join(factories, inside);
  const [root, real] = await Promise.all([realpath(factories), realpath(path).catch(() => path)]);
  if (!real.startsWith(`${root}${sep}`))
    throw new Failure(
      "lock/outside",
      `${source} is a link that leads out of factories/. Put the file itself there.`,
    );
  return real;
}

async function onDisk(path: string, source: string, signal: AbortSignal): Promise<LockedArtifact> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw new Failure(
      "lock/no-such-file",
      `${source}: there is no file ${path}. Put it there, or correct the source.`,
    );
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return artifactOf(hash.digest("hex"), found.size, path, source);
}

async function artifactOf(
  hex: string,
  size: number,
  path: string,
  source: string,
): Promise<LockedArtifact> {
  return { digest: digestOfHex(hex) as Digest, size, facts: await readFacts(path, size, source) };
}

/** Fetched to a temporary file, because the facts are read from it, and forgotten again. */
async function fetched(source: string, signal: AbortSignal): Promise<LockedArtifact> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-lock-"));
  const path = join(folder, "model.gguf");
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALL);
  const hash = createHash("sha256");
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL);
      hash.update(chunk);
      size += chunk.length;
      done(size > MAX_FETCH ? new Error(`it is larger than ${MAX_FETCH} bytes`) : null, chunk);
    },
  });
  try {
    const response = await fetch(source, { signal: AbortSignal.any([signal, stalled.signal]) });
    if (!response.ok || response.body === null || !response.url.startsWith("https://"))
      throw new Error(`the server answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path));
    return await artifactOf(hash.digest("hex"), (await lstat(path)).size, path, source);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Failure) throw cause;
    const reason = stalled.signal.aborted ? `nothing came for ${STALL / 1000} s` : String(cause);
    throw new Failure(
      "lock/not-fetched",
      `${source} could not be fetched: ${reason}. Check the address, then run millwright lock again.`,
      { cause },
    );
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}
