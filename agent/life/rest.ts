import type { Clock } from "./clock.ts";
import type { Service } from "./service.ts";

export interface RestOptions {
  /** Grows with all that is done; the same twice means that nothing was done between. */
  readonly done: () => number;
  /** Whether something is being done now. */
  readonly isBusy: () => boolean;
  readonly collect: () => void;
  readonly clock: Clock;
}

const LOOK_MS = 30_000;
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Gives back what the start has left, the first time that things have come to rest: code that runs once in a life is
 * kept by V8 as long as there is room, and an agent shares its host with models. Never again: it stops the process for
 * a tenth of a second, more on a host that is busy, and what work leaves V8 collects by itself.
 */
export function collectAtRest({ done, isBusy, collect, clock }: RestOptions): Service {
  return async (signal) => {
    let [before, isTidy] = [done(), false];
    while (!signal.aborted) {
      await clock.sleep(isTidy ? FOR_EVER_MS : LOOK_MS, signal);
      const now = done();
      if (now === before && !isBusy() && !isTidy && !signal.aborted) {
        collect();
        isTidy = true;
      }
      before = now;
    }
  };
}
