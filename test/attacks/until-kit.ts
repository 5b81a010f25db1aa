/** Waiting for what has to come about. */
import { setTimeout as delay } from "node:timers/promises";

/** Asks until it is so. */
export async function until(
  what: string,
  ask: () => Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`it does not come about that ${what}`);
    await delay(20);
  }
}
