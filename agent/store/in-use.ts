import { utimesSync } from "node:fs";
import type { Digest } from "@millwright/schema";
import { type Journal, messageOf } from "../life/life.ts";

/** Blobs that somebody works with: they are not collected. */
export interface InUse {
  /** From now on until it is disposed of. */
  hold(digests: readonly Digest[]): Disposable;
  has(digest: Digest): boolean;
}

export function inUse(): InUse {
  const counts = new Map<Digest, number>();
  return {
    has: (digest) => counts.has(digest),
    hold(digests) {
      for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
      let released = false;
      return {
        [Symbol.dispose]() {
          if (released) return;
          released = true;
          for (const digest of digests) {
            const left = (counts.get(digest) ?? 1) - 1;
            if (left > 0) counts.set(digest, left);
            else counts.delete(digest);
          }
        },
      };
    },
  };
}

/** Notes on the disk that a blob is used: those that were not for the longest time are collected first. */
export function touch(path: string, now: number, journal: Journal): void {
  try {
    utimesSync(path, now / 1_000, now / 1_000);
  } catch (error) {
    // It only costs the order in which blobs are collected.
    journal("warn", { event: "store/use-not-noted", reason: messageOf(error) });
  }
}

/** What works with blobs. */
interface Worker {
  readonly spec: {
    readonly model: { readonly digest: Digest };
    readonly adapter?: { readonly digest: Digest } | undefined;
  };
  readonly gone: Promise<unknown>;
}

interface Workers<W extends Worker> {
  adopt(signal: AbortSignal, isWanted?: (specification: Digest) => boolean): Promise<readonly W[]>;
  start(spec: W["spec"], signal: AbortSignal, progress?: (percent: number) => void): Promise<W>;
}

/** Runners whose models stay while they are started and while they run. */
export function holdingBlobs<W extends Worker>(
  workers: Workers<W>,
  hold: (digests: readonly Digest[]) => Disposable,
): Workers<W> {
  const holdWhat = ({ model, adapter }: W["spec"]) =>
    hold(adapter === undefined ? [model.digest] : [model.digest, adapter.digest]);
  return {
    async adopt(signal, isWanted) {
      const adopted = await workers.adopt(signal, isWanted);
      for (const worker of adopted) {
        const held = holdWhat(worker.spec);
        void worker.gone.finally(() => held[Symbol.dispose]());
      }
      return adopted;
    },
    async start(spec, signal, progress) {
      const held = holdWhat(spec);
      try {
        const worker = await workers.start(spec, signal, progress);
        void worker.gone.finally(() => held[Symbol.dispose]());
        return worker;
      } catch (error) {
        held[Symbol.dispose]();
        throw error;
      }
    },
  };
}
