import { join } from "node:path";
import { Inventory, parseJson, readerOf } from "@millwright/schema";
import { outputOf } from "./output.ts";

const read = readerOf(Inventory);

export interface InventoryProbe {
  /** The file that is run by Node and prints the inventory. */
  readonly main: string;
  readonly limitMs: number;
}

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
    const found = read(parseJson(await outputOf(process.execPath, [main], limitMs, signal)));
    return found.ok ? found.value : nothing;
  } catch {
    // A tool that hangs or fails is no reason not to run: the host is simply less well known.
    signal.throwIfAborted();
    return nothing;
  }
}
