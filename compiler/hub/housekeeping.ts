import type { Clock } from "./clock.ts";
import type { Fleet } from "./fleet/fleet.ts";
import type { HubMetrics } from "./metrics/metrics.ts";
import type { Service } from "./service.ts";
import type { Store } from "./store/store.ts";

const HOUR_MS = 3_600_000;

/** When connected hosts were last seen is written this often; the exact instant when they go. */
const SEEN_MS = 60_000;

/** Writes what hosts said to the disk, in batches; the rest when the hub stops. */
export function flushing(fleet: Fleet, everyMs: number, clock: Clock): Service {
  return async (signal) => {
    let seenAt = clock.now();
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal);
      if (clock.now() - seenAt >= SEEN_MS) {
        seenAt = clock.now();
        const present = fleet.hosts().filter(({ connectedSince }) => connectedSince !== undefined);
        for (const host of present) fleet.touch(host);
      }
      await fleet.flush();
    }
  };
}

/** Deletes what is to be forgotten: at the start and every hour. */
export function forgetting(store: Store, metrics: HubMetrics, clock: Clock): Service {
  return async (signal) => {
    while (!signal.aborted) {
      metrics.forgotten.inc(await store.forget(clock.now()));
      await clock.sleep(HOUR_MS, signal);
    }
  };
}
