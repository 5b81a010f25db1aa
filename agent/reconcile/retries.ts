import type { Digest } from "@millwright/schema";
import type { Chance } from "../life/life.ts";

/** When what failed may be tried again: longer each time, never all at once. */
export interface Retries {
  readonly at: ReadonlyMap<Digest, number>;
  /** Notes a failure; gives the milliseconds to wait. */
  failed(digest: Digest, now: number): number;
  /** Patience mends nothing here: not again, until a new plan comes. */
  refused(digest: Digest): void;
  /** It works: the next failure is the first again. */
  works(digest: Digest): void;
  /** A new plan has come: everything may be tried at once. */
  forgive(): void;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

export function retriesOf(chance: Chance): Retries {
  const at = new Map<Digest, number>();
  const counts = new Map<Digest, number>();
  return {
    at,
    failed(digest, now) {
      const count = counts.get(digest) ?? 0;
      counts.set(digest, count + 1);
      const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(count, 10));
      // Half is certain, half is chance: a fleet that fails together does not try again together.
      const wait = Math.round(ceiling * (0.5 + 0.5 * chance.fraction()));
      at.set(digest, now + wait);
      return wait;
    },
    refused(digest) {
      at.set(digest, Number.POSITIVE_INFINITY);
    },
    works(digest) {
      at.delete(digest);
      counts.delete(digest);
    },
    forgive: () => at.clear(),
  };
}
