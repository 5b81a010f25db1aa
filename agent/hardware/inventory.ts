import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Inventory, parseJson, readerOf } from "@millwright/schema";

const read = readerOf(Inventory);
const run = promisify(execFile);
const LIMIT_MS = 20_000;

/** What this machine is made of. What could not be found out in time is left out; nothing is guessed. */
export async function inventory(signal: AbortSignal): Promise<Inventory> {
  const nothing: Inventory = { schema: "inventory/1" };
  try {
    const { stdout } = await run(
      process.execPath,
      [join(import.meta.dirname, "inventory-main.ts")],
      { timeout: LIMIT_MS, killSignal: "SIGKILL", maxBuffer: 1_000_000, signal },
    );
    const found = read(parseJson(stdout));
    return found.ok ? found.value : nothing;
  } catch {
    // A tool that hangs or fails is no reason not to run: the host is simply less well known.
    signal.throwIfAborted();
    return nothing;
  }
}
