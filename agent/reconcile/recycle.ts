import { digestOfSpec, lineageOf, weightsOf } from "../runner/runner.ts";
import type { ObservedInstance } from "./decide.ts";
import type { Wanted } from "./wanted.ts";

/**
 * What is wanted, each of the process that is to hold it now: the newest that is there, and the next one where that has
 * served as long as its plan lets it. `now`: when something may be exchanged at all; absent: nothing is, while a plan
 * is put in place of another. Of a deployment one process is exchanged at a time, while all its others serve.
 */
export function inTurn(
  wanted: readonly Wanted[],
  instances: readonly ObservedInstance[],
  now?: number,
): readonly Wanted[] {
  const there = Map.groupBy(
    instances.filter(({ state }) => state !== "stopping"),
    ({ lineage }) => lineage,
  );
  const newestOf = (item: Wanted): number =>
    Math.max(0, ...(there.get(lineageOf(item.spec)) ?? []).map(({ generation }) => generation));
  const states = new Map(instances.map(({ digest, state }) => [digest, state]));
  const current = wanted.map((item) => ofGeneration(item, newestOf(item)));
  if (now === undefined) return current;

  const isWorn = (item: Wanted): boolean => {
    const { afterMs, requests } = item.planned.recycle ?? {};
    const process = (there.get(lineageOf(item.spec)) ?? []).filter(
      ({ weights }) => weights === item.weights,
    );
    const isUp = process.length > 0 && process.every(({ state }) => state !== "starting");
    const answered = process.reduce((sum, one) => sum + one.answered, 0);
    const isOld = afterMs !== undefined && process.some(({ since }) => since + afterMs <= now);
    return isUp && (isOld || (requests !== undefined && answered >= requests));
  };
  const turning = new Map<string, Wanted>();
  for (const item of current) {
    if (turning.has(item.deployment) || !isWorn(item)) continue;
    const others = current.filter(
      (other) => other.deployment === item.deployment && other.weights !== item.weights,
    );
    if (others.every(({ digest }) => states.get(digest) === "serving"))
      turning.set(item.deployment, item);
  }
  return current.map((item) =>
    turning.get(item.deployment)?.weights === item.weights
      ? ofGeneration(item, (item.spec.generation ?? 0) + 1)
      : item,
  );
}

function ofGeneration(item: Wanted, generation: number): Wanted {
  if (generation === (item.spec.generation ?? 0)) return item;
  const { generation: _, ...origin } = item.spec;
  const spec = generation === 0 ? origin : { ...origin, generation };
  return { ...item, spec, digest: digestOfSpec(spec), weights: weightsOf(spec) };
}
