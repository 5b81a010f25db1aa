import type { ChildProcess } from "node:child_process";
import { systemClock } from "../life/life.ts";

const GRACE_MS = 2_000;

/**
 * Until `ended`, at most two seconds after the signal: a process that sits in the kernel, in a driver that hangs, cannot
 * be killed. It is then left behind, and this process may end without it.
 */
export async function endOrLeave(
  child: ChildProcess,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const late = async () => {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
    });
    await systemClock.sleep(GRACE_MS, over.signal);
  };
  await Promise.race([ended, late()]);
  over.abort();
  child.unref();
  child.stdout?.destroy();
}
