import type { Conditions, Journal } from "../life/life.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { PlanFailure, Plans } from "./course.ts";

export interface StalenessOptions {
  readonly plans: Plans;
  readonly conditions: Conditions;
  readonly journal: Journal;
}

/** Looks whether a plan is too old to be obeyed any longer, and says so. */
export interface Staleness {
  look(plan: VerifiedPlan): PlanFailure | undefined;
}

const TOO_OLD = "reconcile/too-old";

/**
 * A host that is cut off would serve for ever what was withdrawn long ago. It does, unless its plan sets a limit: then
 * it answers nothing more when the limit is reached, and starts again by itself when somebody vouches for the plan.
 */
export function stalenessOf({ plans, conditions, journal }: StalenessOptions): Staleness {
  let told = false;
  return {
    look(plan) {
      const limit = plan.plan.maxStalenessMs;
      const isOver = limit !== undefined && plans.staleFor() >= limit;
      if (!isOver) {
        told = false;
        conditions.clear(TOO_OLD);
        return undefined;
      }
      const reason = `nobody has vouched for longer than its limit (${inWords(limit)}) that the plan is the newest`;
      const message = `Nothing is served: ${reason}. Look whether the hub can be reached and holds its online key, or bring the newest revision with millwright-agent apply; the models start again by themselves.`;
      conditions.raise({ code: TOO_OLD, severity: "error", message });
      if (!told) journal("error", { event: TOO_OLD, limitMs: limit });
      told = true;
      return { plan, reason };
    },
  };
}

function inWords(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return hours >= 1 ? `${Math.round(hours)} hours` : `${Math.round(ms / 60_000)} minutes`;
}
