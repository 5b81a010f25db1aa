import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOfHex } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { isLargeFilePointer } from "../source/source.ts";
import type { LockedArtifact } from "./artifact.ts";
import { readFacts } from "./facts.ts";
import { fetchArtifact } from "./fetch-artifact.ts";

/**
 * What a source is now: its digest, size and facts. `factories` is the folder of the definitions.
 * Throws Failure when it cannot be had or is no model.
 */
export async function resolveSource(
  source: string,
  factories: string,
  signal: AbortSignal,
): Promise<LockedArtifact> {
  if (source.startsWith("https://")) return fetchArtifact(source, signal);
  if (source.startsWith("file:///")) return onDisk(absolutePath(source), source, signal);
  if (source.startsWith("file:"))
    return onDisk(await pathInside(source, factories), source, signal);
  throw new Failure(
    "lock/unknown-source",
    `${source} is no source. Write file:models/x.gguf, file:///path or https://….`,
  );
}

/** The path of `file:models/x.gguf`, below the folder of the definitions. */
async function pathInside(source: string, factories: string): Promise<string> {
  const inside = source.slice("file:".length);
  const outside = (what: string) =>
    new Failure(
      "lock/outside",
      `${source} ${what}. Write file:models/x.gguf for a file beside the definitions, file:///path for one on every host.`,
    );
  if (inside.split(/[/\\]/).some((part) => part === "" || part === "." || part === ".."))
    throw outside("is no plain path inside factories/");
  const path = join(factories, inside);
  const [root, real] = await Promise.all([
    realpath(factories),
    // What is not there leads nowhere; whether it is there is asked next.
    realpath(path).catch(() => undefined),
  ]);
  if (real !== undefined && !real.startsWith(`${root}${sep}`))
    throw outside("is a link that leads out of factories/");
  return real ?? path;
}

function absolutePath(source: string): string {
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new Failure(
      "lock/unknown-source",
      `${source} is no file URL: ${cause instanceof Error ? cause.message : cause}. Write file:///path.`,
      { cause },
    );
  }
}

async function onDisk(path: string, source: string, signal: AbortSignal): Promise<LockedArtifact> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw new Failure(
      "lock/no-such-file",
      `${source}: there is no file ${path}. Put it there, or correct the source.`,
    );
  if (await isPointer(path, found.size))
    throw new Failure(
      "lock/lfs-pointer",
      `${source} is a pointer of Git LFS, not the model. Run git lfs pull, then millwright lock again.`,
    );
  // The header first: it is cheap, and most mistakes show there.
  const facts = await readFacts(path, found.size, source);
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { signal })) {
    if (!(chunk instanceof Uint8Array)) throw new Error("impossible: a stream of bytes");
    hash.update(chunk);
    size += chunk.length;
  }
  const digest = digestOfHex(hash.digest("hex"));
  if (digest === undefined) throw new Error("impossible: SHA-256 is 64 hex digits");
  if (size !== found.size)
    throw new Failure(
      "lock/changing-file",
      `${source} changes while it is read. Wait until it is whole, then run millwright lock again.`,
    );
  return { digest, size, facts };
}

/** A pointer is some hundred bytes; no model is as small. */
async function isPointer(path: string, size: number): Promise<boolean> {
  return size < 2048 && isLargeFilePointer(await readFile(path));
}
