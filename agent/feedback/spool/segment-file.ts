import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { segmentLimits } from "@millwright/schema";
import { writeAtomic } from "../../disk/disk.ts";
import { bytesOfLines, type Line, readLines } from "./lines.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** A sealed part of the spool, as the spool keeps track of it. Its bytes lie on disk until the hub has them. */
export interface SegmentFile {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly path: string;
  bytes: number;
  /** In milliseconds since the Unix epoch. */
  readonly sealedAt: number;
  /** When the first of its samples must be gone; 0 until somebody looked. */
  expiresAt: number;
  /** Kinds of sample up to this priority were dropped already. */
  shed: number;
}

/** gzip as Node writes it holds neither name nor time: the same lines are the same bytes. */
export async function writeSegment(path: string, plain: Uint8Array): Promise<number> {
  const bytes = await zip(plain);
  await writeAtomic(path, bytes);
  return bytes.length;
}

export async function linesOfSegment({ path, epoch }: SegmentFile): Promise<readonly Line[]> {
  const plain = await unzip(await readFile(path), { maxOutputLength: segmentLimits.plain });
  return readLines(plain, epoch).lines;
}

/** Takes lines out of a segment, or the segment itself when none is left. Says which were taken. */
export async function thin(
  segment: SegmentFile,
  keep: (line: Line) => boolean,
): Promise<{ readonly dropped: readonly Line[]; readonly empty: boolean }> {
  const lines = await linesOfSegment(segment);
  const kept = lines.filter(keep);
  segment.expiresAt = Math.min(...kept.map(({ expiresAt }) => expiresAt));
  const dropped = lines.filter((line) => !keep(line));
  if (kept.length === 0) {
    await rm(segment.path, { force: true });
    segment.bytes = 0;
  } else if (dropped.length > 0) {
    segment.bytes = await writeSegment(segment.path, bytesOfLines(kept));
  }
  return { dropped, empty: kept.length === 0 };
}
