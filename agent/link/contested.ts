import type { Clock, Conditions, Journal } from "../life/life.ts";

export interface Contest {
  readonly conditions: Conditions;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly host: string;
}

/** Notices that another machine goes by the name and key of this host. */
export interface Contested {
  /** The hub ended a connection because the host had opened another one, which this process did not. */
  tookOver(): void;
  /** A connection has held for long: nobody else is there any more. */
  held(): void;
}

const CODE = "link/contested";
/** A hub that restarts, or an agent that was killed a moment ago, is no second machine. */
const TAKEOVERS = 2;
const SPAN_MS = 900_000;

export function contestedOf({ conditions, journal, clock, host }: Contest): Contested {
  let times: readonly number[] = [];
  return {
    tookOver() {
      const now = clock.now();
      times = [...times.filter((at) => Math.abs(now - at) < SPAN_MS), now].slice(-TAKEOVERS);
      if (times.length < TAKEOVERS) return;
      const isKnown = conditions.list().some(({ code }) => code === CODE);
      if (!isKnown) journal("error", { event: CODE, host });
      conditions.raise({
        code: CODE,
        severity: "error",
        message: `Another machine goes by the name and key of ${host}: the hub takes its connections for this one's. If a disk was cloned, wipe the clone's state folder and run millwright-agent init there under a name of its own. If nobody cloned one, the key was copied: exchange it.`,
      });
    },
    held() {
      times = [];
      conditions.clear(CODE);
    },
  };
}
