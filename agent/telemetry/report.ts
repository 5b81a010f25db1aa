import {
  encodeSample,
  type Inventory,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import type { Clock, Service } from "../life/life.ts";
import type { Reading } from "./sensors.ts";

export interface ReportOptions {
  readonly read: () => Promise<Reading>;
  readonly inventory: () => Promise<Inventory>;
  /** Told when the inventory is another one; returns how to listen no more. */
  readonly onInventory?: (listener: () => void) => () => void;
  /** From the plan: may change. Milliseconds. */
  readonly everyMs: () => number;
  /** False when there is no connection: then nothing is kept, the next sample says more. */
  readonly send: (capability: string, type: string, data: Uint8Array) => boolean;
  readonly onOnline: (listener: () => void) => () => void;
  readonly clock: Clock;
  /** Told every reading, for the local metrics. */
  readonly seen: (reading: Reading) => void;
}

/** Sends what the sensors say: the series once a connection (and when they change), then one small vector a sample. */
export function reportSensors({
  read,
  inventory,
  onInventory,
  everyMs,
  send,
  onOnline,
  clock,
  seen,
}: ReportOptions): Service {
  return async (signal) => {
    let declared: string | undefined;
    let wake = new AbortController();
    let fault: { readonly cause: unknown } | undefined;
    const introduce = async () => {
      const found = Buffer.from(JSON.stringify(await inventory()));
      send(telemetryCapability, telemetryTypes.inventory, found);
    };
    const tell = () => {
      introduce().catch((cause: unknown) => {
        // An agent that stops does not wait for its inventory; anything else is an error of ours.
        if (!signal.aborted) fault = { cause };
        wake.abort();
      });
    };
    const stopOnline = onOnline(() => {
      declared = undefined;
      wake.abort();
      tell();
    });
    const stopInventory = onInventory?.(tell);
    try {
      while (!signal.aborted) {
        if (fault !== undefined) throw fault.cause;
        const reading = await read();
        seen(reading);
        const series = JSON.stringify(reading.series);
        if (
          series !== declared &&
          send(telemetryCapability, telemetryTypes.series, Buffer.from(series))
        )
          declared = series;
        if (series === declared)
          send(
            telemetryCapability,
            telemetryTypes.sample,
            encodeSample({ at: clock.now(), values: reading.values }),
          );
        await clock.sleep(everyMs(), AbortSignal.any([signal, wake.signal]));
        wake = new AbortController();
      }
    } finally {
      stopOnline();
      stopInventory?.();
    }
  };
}
