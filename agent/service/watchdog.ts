import type { Clock, Journal, Service } from "../life/life.ts";
import type { Supervisor } from "./supervisor.ts";

export interface WatchdogOptions {
  readonly supervisor: Supervisor;
  /** When the work that matters last came round. */
  readonly lastSeen: () => number;
  /** One line for `systemctl status`. */
  readonly status: () => string;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** sd_watchdog_enabled(3) recommends half of the time; a third forgives one message that was lost. */
const BEATS = 3;
/** Without a watchdog: how often the line of `systemctl status` is brought up to date. */
const STATUS_MS = 20_000;

/**
 * Tells the supervisor that the agent lives, as long as it does: a main loop that hangs sends nothing, and while what
 * matters has not come round for a whole time of the watchdog, nothing is sent on purpose.
 */
export function watchdog({
  supervisor,
  lastSeen,
  status,
  clock,
  journal,
}: WatchdogOptions): Service {
  const { watchdogMs } = supervisor;
  return async (signal) => {
    let hangs = false;
    while (!signal.aborted) {
      const silentMs = clock.now() - lastSeen();
      const nowHangs = watchdogMs !== undefined && silentMs > watchdogMs;
      if (nowHangs && !hangs) journal("error", { event: "service/hangs", silentMs });
      hangs = nowHangs;
      if (!hangs) await supervisor.alive(status());
      await clock.sleep(watchdogMs === undefined ? STATUS_MS : watchdogMs / BEATS, signal);
    }
    await supervisor.stopping();
  };
}
