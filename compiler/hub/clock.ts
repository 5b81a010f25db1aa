import { setTimeout as delay } from "node:timers/promises";

/** The only way to the time. Tests bring a clock of their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A clock that tells the time of `now` and really sleeps. */
export function clockOf(now: () => number): Clock {
  return {
    now,
    async sleep(ms, signal) {
      try {
        await delay(ms, undefined, { signal });
      } catch {
        // The timer rejects for one reason only: the signal was aborted.
      }
    },
  };
}
