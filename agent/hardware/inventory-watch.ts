import { canonicalDigest, type Inventory, type PlannedHardware } from "@millwright/schema";
import type { Clock, Conditions, Service } from "../life/life.ts";
import { differencesOf } from "./differences.ts";

export interface InventoryWatch {
  readonly service: Service;
  /** Found out now when nobody has asked before. */
  newest(): Promise<Inventory>;
  /** Told when another one is found than before. Returns how to listen no more. */
  onChange(listener: () => void): () => void;
}

export interface InventoryWatchOptions {
  readonly read: (signal: AbortSignal) => Promise<Inventory>;
  /** From the plan: what the definition says of the host. */
  readonly promised: () => PlannedHardware | undefined;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}

const DIFFERS = "hardware/differs";
const EVERY_MS = 3_600_000;
/** What starts has better things to do than to run a dozen tools. */
const FIRST_MS = 60_000;
/** A plan that promises something else is held against the same inventory. */
const LOOK_MS = 10_000;

/** Looks every hour what the host is made of, and says where that is not what its definition promises. */
export function inventoryWatch(options: InventoryWatchOptions): InventoryWatch {
  const { read, promised, clock, conditions, signal } = options;
  const listeners = new Set<() => void>();
  let reading: Promise<Inventory> | undefined;
  let found: { readonly inventory: Inventory; readonly at: number } | undefined;
  let judged: readonly [Inventory, PlannedHardware | undefined] | undefined;
  let told: readonly string[] = [];

  const look = () => {
    reading ??= read(signal)
      .then((inventory) => {
        const before = found?.inventory;
        // Nothing was found out: what is known stays so.
        const isNothing = Object.keys(inventory).length === 1;
        const isSame =
          before !== undefined &&
          (isNothing || canonicalDigest(before) === canonicalDigest(inventory));
        found = { inventory: isSame ? before : inventory, at: clock.now() };
        if (before !== undefined && !isSame) for (const listener of listeners) listener();
        return found.inventory;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  const judge = () => {
    const hardware = promised();
    if (found === undefined || (judged?.[0] === found.inventory && judged[1] === hardware)) return;
    judged = [found.inventory, hardware];
    const differences = hardware === undefined ? [] : differencesOf(hardware, found.inventory);
    for (const what of told)
      if (!differences.some((each) => each.what === what)) conditions.clear(DIFFERS, what);
    for (const { what, severity, message } of differences)
      conditions.raise({ code: DIFFERS, severity, subject: what, message });
    told = differences.map(({ what }) => what);
  };

  return {
    newest: async () => (found === undefined ? await look() : found.inventory),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async service(until) {
      const start = clock.now();
      while (!until.aborted) {
        await clock.sleep(LOOK_MS, until);
        if (until.aborted) return;
        const due = found === undefined ? start + FIRST_MS : found.at + EVERY_MS;
        // An agent that stops does not wait for its inventory.
        if (clock.now() >= due)
          await look().catch((error: unknown) => unlessAborted(error, signal));
        judge();
      }
    },
  };
}

function unlessAborted(error: unknown, signal: AbortSignal): void {
  if (!signal.aborted) throw error;
}
