import type { ModelFacts } from "../lock/lock.ts";
import { type CacheType, packs } from "./cache.ts";
import { type Fit, memoryOf, type Running } from "./memory.ts";

/** One change of a deployment that is enough alone. */
export interface Remedy {
  readonly field: "cache" | "context" | "parallel";
  readonly value: string | number;
  /** Bytes. */
  readonly saves: number;
}

/** A request of fewer tokens is of no use to anybody. */
const LEAST_CONTEXT = 256;
const packed: readonly CacheType[] = ["q8_0", "q4_0"];

/** What would make a deployment small enough, the least loss first. Nothing when its weights alone are too much. */
export function remediesOf(
  facts: ModelFacts,
  running: Running,
  enough: (fit: Fit) => boolean,
): readonly Remedy[] {
  const { total } = memoryOf(facts, running);
  const tried = (field: Remedy["field"], value: string | number): Fit =>
    memoryOf(facts, { ...running, [field]: value });
  const remedy = (field: Remedy["field"], value: string | number | undefined): Remedy[] =>
    value === undefined ? [] : [{ field, value, saves: total - tried(field, value).total }];

  const thinner = packs(facts) ? packed.slice(packed.indexOf(running.cache ?? "f16") + 1) : [];
  return [
    ...remedy(
      "cache",
      thinner.find((cache) => enough(tried("cache", cache))),
    ),
    ...remedy(
      "parallel",
      most(1, running.parallel, (parallel) => enough(tried("parallel", parallel))),
    ),
    ...remedy(
      "context",
      most(LEAST_CONTEXT, running.context, (context) => enough(tried("context", context))),
    ),
  ];
}

/** The largest number from `least` up, and below `above`, for which it holds. It holds for all below such a one. */
function most(least: number, above: number, holds: (value: number) => boolean): number | undefined {
  if (least >= above || !holds(least)) return undefined;
  let [low, high] = [least, above];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
