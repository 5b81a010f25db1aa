import { type Clock, type Conditions, messageOf, type Service } from "../life/life.ts";
import type { Figure } from "./figures.ts";
import type { Collector, Sender } from "./otlp.ts";

const CANNOT = "telemetry/collector";
/** A collector that is away is asked less often than one that is there. */
const LONGEST_MS = 300_000;

export interface ExportOptions extends Omit<Sender, "since"> {
  /** Where the plan of now says that a collector listens; absent: nowhere. */
  readonly collector: () => string | undefined;
  readonly everyMs: () => number;
  readonly figures: (signal: AbortSignal) => Promise<readonly Figure[]>;
  readonly clock: Clock;
  readonly conditions: Conditions;
}

/** Sends what is measured to the collector that the plan names. One that does not answer is a condition, and costs nothing else. */
export function exportFigures(options: ExportOptions): Service {
  const { collector, everyMs, figures, clock, conditions, host, version } = options;
  const since = clock.now();
  return async (signal) => {
    let current: { readonly url: string; readonly to: Collector } | undefined;
    let failures = 0;
    while (!signal.aborted) {
      const url = collector();
      if (url !== current?.url) {
        await current?.to.close().catch(() => undefined);
        conditions.clear(CANNOT);
        failures = 0;
        current = undefined;
        if (url !== undefined) {
          // Twenty megabytes of packages, for hosts whose plan asks for them.
          const { collectorAt } = await import("./otlp.ts");
          current = { url, to: collectorAt(url, { host, version, since }) };
        }
      }
      try {
        await current?.to.send(await figures(signal), clock.now());
        conditions.clear(CANNOT);
        failures = 0;
      } catch (error) {
        failures += 1;
        conditions.raise({
          ...{ code: CANNOT, severity: "warning" },
          message: `The collector at ${url} does not take what is measured: ${messageOf(error).slice(0, 500)}. Look at its address in the fleet, and at OTEL_EXPORTER_OTLP_HEADERS of this host; it is tried again by itself.`,
        });
      }
      await clock.sleep(Math.min(LONGEST_MS, everyMs() * 2 ** Math.min(failures, 8)), signal);
    }
    await current?.to.close().catch(() => undefined);
  };
}
