import { showBytes } from "@millwright/schema";
import { type Clock, Failure } from "../life/life.ts";

const WINDOW_MS = 30_000;
/** Less than any line over which models can be had. Bytes a second. */
const LEAST = 8 * 1024;

export interface Pace {
  /** So many bytes came. Throws Failure when over the last half minute they were too few. */
  took(bytes: number): void;
  /** So long nothing was asked for: the fault of nobody. */
  paused(ms: number): void;
}

/**
 * Slow retrieval: a source that drips would keep a host from its next model, and from its other sources, for ever.
 * What has come stays, so that a slow line that is honest gets there too.
 */
export function paceOf(clock: Clock, source: string): Pace {
  let since = clock.now();
  let sum = 0;
  return {
    paused(ms) {
      since += ms;
    },
    took(bytes) {
      sum += bytes;
      const elapsed = clock.now() - since;
      if (elapsed >= 0 && elapsed < WINDOW_MS) return;
      const came = sum;
      since += elapsed;
      sum = 0;
      // Longer than one window and one silence can only be a clock that was set, or a machine that slept.
      if (elapsed < 0 || elapsed > 2 * WINDOW_MS || came >= (LEAST * elapsed) / 1_000) return;
      throw new Failure(
        "store/too-slow",
        `${source} gave ${showBytes(came)} in ${Math.round(elapsed / 1_000)} s.`,
      );
    },
  };
}
