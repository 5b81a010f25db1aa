/** The one clock of a world: it runs as fast as ours, and can be set forward; whoever sleeps then wakes. */
import type { Clock } from "../../agent/life/life.ts";

export interface WorldClock extends Clock {
  advance(ms: number): void;
}

export function worldClock(start: number): WorldClock {
  const zero = performance.now();
  let ahead = 0;
  const now = () => Math.floor(start + ahead + performance.now() - zero);
  const sleepers = new Set<{ readonly until: number; wake(): void }>();
  return {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { until: now() + ms, wake };
        const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
        sleepers.add(sleeper);
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted) wake();
      }),
    advance(ms) {
      ahead += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now()) sleeper.wake();
    },
  };
}
