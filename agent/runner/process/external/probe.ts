import type { PlannedEngine } from "@millwright/schema";
import type { Clock } from "../../../life/life.ts";
import type { Api } from "./api.ts";

type Probe = PlannedEngine["probe"];

const POLL_MS = 100;
/** So many probes in a row without an answer, and the engine is taken for dead. */
const MISSES = 3;

/** Returns when the engine says that it can answer, or `signal` aborts. How long that may take is the agent's to say. */
export async function whenReady(
  api: Api,
  probe: Probe,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (await isWell(api, probe, signal)) return;
    await clock.sleep(POLL_MS, signal);
  }
}

/**
 * Resolves when an engine that came up does not answer its probe any more, with why. One that is busy may be slow to
 * say that it is well: as long as pieces of answers come it is.
 */
export async function whenSilent(
  api: Api,
  probe: Probe,
  clock: Clock,
  signal: AbortSignal,
): Promise<Error> {
  let misses = 0;
  while (misses < MISSES) {
    await clock.sleep(probe.everyMs, signal);
    // Nobody waits for this any more.
    if (signal.aborted) return new Error("The engine is stopped.");
    const isHeard = clock.now() - api.heard() < probe.everyMs;
    misses = isHeard || (await isWell(api, probe, signal)) ? 0 : misses + 1;
  }
  return new Error(
    `The engine did not answer ${probe.path} ${MISSES} times in a row, every ${probe.everyMs / 1000} s.`,
  );
}

async function isWell(api: Api, { path, everyMs }: Probe, signal: AbortSignal): Promise<boolean> {
  const status = await api.status(path, everyMs, signal);
  return status >= 200 && status < 300;
}
