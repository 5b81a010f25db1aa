import type { Clock } from "../life/life.ts";
import { EngineError, type EngineStats } from "../runner/runner.ts";
import type { Instance } from "./instances.ts";

/** How one instance works, and which it is. */
export interface EngineNumbers {
  readonly deployment: string;
  /** Its name in the plan. */
  readonly model: string;
  readonly replica: number;
  readonly stats: EngineStats;
}

/** Whoever scrapes waits no longer for one that does not answer. */
const PATIENCE_MS = 1_000;

/** Asks every instance. What has nothing to tell, or does not answer in time, is left out. */
export async function engineNumbers(
  instances: Iterable<Instance>,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly EngineNumbers[]> {
  const done = new AbortController();
  const late = new AbortController();
  void clock.sleep(PATIENCE_MS, done.signal).then(() => late.abort());
  const either = AbortSignal.any([signal, late.signal]);
  const asked = [...instances].map(async ({ handle: { engine, spec }, plan }) => {
    const { deployment, replica } = spec;
    const model = plan.plan.deployments[deployment]?.model.name ?? deployment;
    const stats = await engine.stats?.(either).catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      return undefined;
    });
    return stats === undefined ? [] : [{ deployment, model, replica, stats }];
  });
  try {
    return (await Promise.all(asked)).flat();
  } finally {
    done.abort();
  }
}
