import { Failure, messageOf, systemClock } from "../life/life.ts";
import { fail, type Symptom } from "./finding.ts";

/**
 * A check, with an end: what hangs in a driver or a dead disk cannot be called off, only left behind. Never rejects.
 */
export async function within(
  limitMs: number,
  check: (signal: AbortSignal) => Promise<readonly Symptom[]>,
  signal: AbortSignal,
): Promise<readonly Symptom[]> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const late = systemClock
    .sleep(limitMs, either)
    .then(() => [
      fail(
        `It took more than ${limitMs / 1000} s.`,
        "Something below it hangs: look at dmesg, at the mounts and at the network.",
      ),
    ]);
  const done = check(either).catch((error: unknown) => [
    fail(messageOf(error), error instanceof Failure ? "Do what it says." : "See its message."),
  ]);
  const symptoms = await Promise.race([done, late]);
  over.abort();
  return symptoms;
}
