import { unlinkSync } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOfHex, showBytes } from "@millwright/schema";
import type { Journal } from "../life/life.ts";

/** Parts of the disk in use: over the high one it is collected, down to the low one. */
export interface Watermarks {
  readonly high: number;
  readonly low: number;
}

const USUAL: Watermarks = { high: 0.85, low: 0.7 };

export interface Collecting {
  /** Removes what is left of transfers that nobody wants, and, over the high watermark, blobs that nothing needs. Gives the bytes that became free. */
  collect(keep: ReadonlySet<Digest>): Promise<number>;
  /** Removes blobs that nothing needs until so many bytes are free. */
  free(bytes: number): Promise<number>;
  /** What is here, in words, and why it stays. */
  kept(): Promise<string>;
}

export interface CollectingOptions {
  readonly folder: string;
  readonly journal: Journal;
  readonly watermarks: () => Watermarks | undefined;
  /** Why a blob may not go now, in words; `undefined` when it may. */
  readonly reasonToKeep: (digest: Digest) => string | undefined;
}

interface Item {
  readonly digest: Digest;
  readonly path: string;
  readonly isWhole: boolean;
  readonly bytes: number;
  readonly usedAt: number;
}

export function collectingOf(options: CollectingOptions): Collecting {
  const { folder, journal, watermarks, reasonToKeep } = options;

  const remove = ({ digest, path, bytes }: Item): number => {
    // A start that comes between the question and the deletion would find its model gone: both in one breath.
    if (reasonToKeep(digest) !== undefined) return 0;
    try {
      unlinkSync(path);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
      throw error;
    }
    journal("info", { event: "store/collected", digest, bytes });
    return bytes;
  };

  const removeUntil = (items: readonly Item[], bytes: number): number => {
    let freed = 0;
    for (const item of items) {
      if (freed >= bytes) break;
      freed += remove(item);
    }
    return freed;
  };

  return {
    async collect(keep) {
      const items = (await itemsIn(folder)).filter(({ digest }) => !keep.has(digest));
      let freed = 0;
      for (const item of items) if (!item.isWhole) freed += remove(item);
      const { high, low } = watermarks() ?? USUAL;
      const { blocks, bavail, bsize } = await statfs(folder);
      if (1 - bavail / blocks < high) return freed;
      const excess = (blocks * (1 - low) - bavail) * bsize;
      return freed + removeUntil(items.filter(isWhole), excess - freed);
    },
    async free(bytes) {
      return removeUntil((await itemsIn(folder)).toSorted(leftoversFirst), bytes);
    },
    async kept() {
      const whole = (await itemsIn(folder)).filter(isWhole).sort((a, b) => b.bytes - a.bytes);
      const shown = whole.slice(0, 5).map(({ digest, bytes }) => {
        const why = reasonToKeep(digest) ?? "nothing needs it";
        return `${showBytes(bytes)} ${digest.slice(0, 19)} (${why})`;
      });
      return shown.length === 0 ? "No other model is here." : `Models here: ${shown.join(", ")}.`;
    },
  };
}

/** All blobs, and what there is of others; the longest unused first. */
async function itemsIn(folder: string): Promise<Item[]> {
  const found = await Promise.all(
    (await readdir(folder)).map(async (file): Promise<Item[]> => {
      const hex = file.replace(/^\.|\.partial.*$/g, "");
      const digest = digestOfHex(hex);
      if (digest === undefined) return [];
      const path = join(folder, file);
      const there = await stat(path).catch(() => undefined);
      if (there?.isFile() !== true) return [];
      return [{ digest, path, isWhole: file === hex, bytes: there.size, usedAt: there.mtimeMs }];
    }),
  );
  return found.flat().sort((a, b) => a.usedAt - b.usedAt || (a.path < b.path ? -1 : 1));
}

function isWhole(item: Item): boolean {
  return item.isWhole;
}

function leftoversFirst(a: Item, b: Item): number {
  return Number(a.isWhole) - Number(b.isWhole);
}
