import type { FreezeWindow } from "@millwright/schema";
import { Cron } from "croner";

/** When a window is open, or will be soon. Milliseconds since the Unix epoch. */
export interface FreezeHit {
  readonly window: string;
  readonly opens: number;
  readonly closes: number;
}

/** A change that is merged now may reach its hosts within this time. */
const AHEAD = 86_400_000;

/** Windows that are open, or open within a day; those that close last come last. */
export function freezeHits(windows: readonly FreezeWindow[], now: number): readonly FreezeHit[] {
  const hits = windows.flatMap(({ name, starts, lastsMs, timezone }): FreezeHit[] => {
    const cron = new Cron(starts, { mode: "5-part", paused: true, timezone });
    const last = cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
    const next = cron.nextRun(new Date(now))?.getTime();
    const hit = (opens: number | undefined) =>
      opens === undefined ? [] : [{ window: name, opens, closes: opens + lastsMs }];
    return [
      ...hit(last).filter(({ closes }) => closes > now),
      ...hit(next).filter(({ opens }) => opens > now && opens <= now + AHEAD),
    ];
  });
  return hits.sort((a, b) => a.closes - b.closes);
}
