import type { Definitions, Found } from "../check/check.ts";
import type { Placed } from "../place/place.ts";
import type { RenderedPlan } from "./rendered.ts";

/** The plans of the last rendering, each with what it was made from. */
export interface PlanMemory {
  /** Forgets all plans if anything has changed that could stand in each of them. */
  begin(definitions: Definitions, placed: readonly Placed[]): void;
  /** The plan of a host as it was, where the host and what stands on it are the same. */
  recall(host: Found<"host">, here: readonly Placed[], render: () => RenderedPlan): RenderedPlan;
}

interface Kept {
  readonly here: string;
  readonly rendered: RenderedPlan;
}

export function newPlanMemory(): PlanMemory {
  let common: ReadonlySet<unknown> = new Set();
  let kept = new WeakMap<Found<"host">, Kept>();
  return {
    begin(definitions, placed) {
      const now = new Set<unknown>([...sharedIn(definitions), ...lockedIn(placed)]);
      if (now.size !== common.size || !now.isSubsetOf(common)) kept = new WeakMap();
      common = now;
    },
    recall(host, here, render) {
      const key = here
        .map(({ wanted, replica, gpus }) => `${wanted.name} ${replica} ${gpus}`)
        .join();
      const known = kept.get(host);
      if (known?.here === key) return known.rendered;
      const rendered = render();
      kept.set(host, { here: key, rendered });
      return rendered;
    },
  };
}

/** Every definition that is no host. */
function sharedIn(definitions: Definitions): readonly unknown[] {
  const { fleet, models, adapters, datasets, factories } = definitions;
  return [fleet, ...[models, adapters, datasets, factories].flatMap((each) => [...each.values()])];
}

/** What the lock says of all that stands somewhere: new objects whenever a lock is read. */
function lockedIn(placed: readonly Placed[]): readonly unknown[] {
  return placed.flatMap(({ wanted: { model, adapter } }) => [model.facts, adapter?.facts]);
}
