import type { Clock } from "../life/life.ts";

/** A line that all downloads share. */
export interface Limit {
  /** Waits until so many bytes more may have come. Gives how long that was, in milliseconds. */
  take(bytes: number, signal: AbortSignal): Promise<number>;
}

/** `rate` is what the line may carry now, in bytes a second; `undefined`: all it can. */
export function limitOf(rate: () => number | undefined, clock: Clock): Limit {
  /** When what was taken so far will have come. */
  let carried = 0;
  let last = 0;
  return {
    async take(bytes, signal) {
      const now = clock.now();
      const most = rate();
      if (most === undefined) return 0;
      // A clock that was set back must not stop all downloads until it is where it was.
      carried = now < last ? now : Math.max(carried, now);
      last = now;
      carried += (bytes * 1_000) / most;
      const wait = carried - now;
      await clock.sleep(wait, signal);
      signal.throwIfAborted();
      return wait;
    },
  };
}
