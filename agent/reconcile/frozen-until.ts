import type { FreezeWindow } from "@millwright/schema";
import { Cron } from "croner";

/** An open window: its name, and the instant at which it closes. */
export interface OpenWindow {
  readonly name: string;
  readonly until: number;
}

/** The window that is open now and closes last; `undefined` when none is. Its start belongs to it, its end does not. */
export function frozenUntil(
  windows: readonly FreezeWindow[] | undefined,
  now: number,
): OpenWindow | undefined {
  const open = (windows ?? []).flatMap(({ name, starts, lastsMs, timezone }): OpenWindow[] => {
    const start = lastStart(starts, timezone, now);
    const until = start === undefined ? now : start + lastsMs;
    return until > now ? [{ name, until }] : [];
  });
  return open.sort((a, b) => b.until - a.until)[0];
}

function lastStart(starts: string, timezone: string, now: number): number | undefined {
  try {
    const cron = new Cron(starts, { mode: "5-part", paused: true, timezone });
    return cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
  } catch {
    // A schedule or time zone that this host cannot read must not keep it from the plan that mends it.
    return undefined;
  }
}
