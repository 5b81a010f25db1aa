/** A clock that jumps to what is due, so that hours pass in milliseconds. */
import type { Clock } from "../../agent/life/life.ts";

/** Time stands still until `until` has nothing left to wait for, then it jumps to what is due next. */
export interface LeapingClock extends Clock {
  /** Goes on until it is so. Throws when it is not within an hour of this clock. */
  until(isSo: () => boolean): Promise<void>;
  /** Lets an amount of time pass. */
  pass(ms: number): Promise<void>;
}

export function leapingClock(start = Date.UTC(2026, 10, 23)): LeapingClock {
  let now = start;
  const timers = new Set<{ readonly at: number; ring(): void }>();
  const calm = async () => {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const leap = (end: number) => {
    const first = [...timers].sort((a, b) => a.at - b.at)[0];
    now = Math.max(now, Math.min(end, first?.at ?? end));
    for (const timer of [...timers]) if (timer.at <= now) timer.ring();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const timer = {
          at: now + ms,
          ring: () => {
            timers.delete(timer);
            signal.removeEventListener("abort", timer.ring);
            resolve();
          },
        };
        timers.add(timer);
        signal.addEventListener("abort", timer.ring, { once: true });
      }),
    async until(isSo) {
      const end = now + 3_600_000;
      await calm();
      while (!isSo()) {
        if (now >= end) throw new Error("it did not come to pass within an hour");
        leap(end);
        await calm();
      }
    },
    async pass(ms) {
      const end = now + ms;
      await calm();
      while (now < end) {
        leap(end);
        await calm();
      }
    },
  };
}
