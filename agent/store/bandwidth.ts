import type { StoreSettings } from "@millwright/schema";
import { Cron } from "croner";
import type { Clock } from "../life/life.ts";

type Bandwidth = NonNullable<StoreSettings["bandwidth"]>;

/** The calendar is asked only so often. */
const LOOK_MS = 10_000;

/** What the line may carry at an instant, in bytes a second: the least of the windows that are open, or what always holds. */
export function rateAt({ most, windows }: Bandwidth, now: number): number | undefined {
  const open = (windows ?? []).flatMap((window) => {
    const start = lastStart(window.starts, window.timezone, now);
    return start !== undefined && now < start + window.lastsMs ? [window.most] : [];
  });
  return open.length === 0 ? most : Math.min(...open);
}

/** The rate of the moment, for each chunk. */
export function rateOf(
  bandwidth: () => Bandwidth | undefined,
  clock: Clock,
): () => number | undefined {
  let seen: { of: Bandwidth | undefined; at: number; rate: number | undefined } | undefined;
  return () => {
    const now = clock.now();
    const wanted = bandwidth();
    if (seen?.of !== wanted || Math.abs(now - (seen?.at ?? 0)) >= LOOK_MS) {
      const rate = wanted === undefined ? undefined : rateAt(wanted, now);
      seen = { of: wanted, at: now, rate };
    }
    return seen?.rate;
  };
}

function lastStart(starts: string, timezone: string, now: number): number | undefined {
  try {
    const cron = new Cron(starts, { mode: "5-part", paused: true, timezone });
    return cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
  } catch {
    // A time zone that this host does not know must not keep it from its models.
    return undefined;
  }
}
