import { join } from "node:path";
import { Inventory, parseJson, readerOf } from "@millwright/schema";
import { outputOf } from "./output.ts";

const read = readerOf(Inventory);

export interface InventoryProbe {
  /** The file that is run by Node and prints the inventory. */
  readonly main: string;
  readonly limitMs: number;
}

/** It waits for tools and ends: optimising compilers and room for young objects would only cost memory. */
const SMALL = [
  "--optimize-for-size",
  "--no-opt",
  "--no-maglev",
  "--max-semi-space-size=1",
  "--v8-pool-size=1",
];

const probe: InventoryProbe = {
  main: join(import.meta.dirname, "inventory-main.ts"),
  limitMs: 20_000,
};

/** What this machine is made of. What could not be found out in time is left out; nothing is guessed. */
export async function inventory(
  signal: AbortSignal,
  { main, limitMs }: InventoryProbe = probe,
): Promise<Inventory> {
  const nothing: Inventory = { schema: "inventory/1" };
  try {
    const found = read(
      parseJson(await outputOf(process.execPath, [...SMALL, main], limitMs, signal)),
    );
    return found.ok ? found.value : nothing;
  } catch {
    // A tool that hangs or fails is no reason not to run: the host is simply less well known.
    signal.throwIfAborted();
    return nothing;
  }
}
