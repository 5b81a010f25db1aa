import type { Clock, Conditions, Journal } from "../life/life.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { numberOf, type Plans } from "./course.ts";
import { frozenUntil } from "./frozen-until.ts";

/** Which of the proved plans the host takes: the newest, unless the plan that runs has a freeze window open. */
export interface Taking {
  /** The plan that was taken last: what the host is to be now. */
  taken(): VerifiedPlan | undefined;
  /** Looks whether a newer one may be taken. */
  look(): void;
}

export interface TakingOptions {
  readonly plans: Plans;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
  /** The plan that runs, or ran last: its windows count. Nothing that never ran here can keep anything out. */
  readonly running: () => VerifiedPlan | undefined;
}

const FROZEN = "reconcile/frozen";

export function takingOf(options: TakingOptions): Taking {
  const { plans, clock, conditions, journal, running } = options;
  let taken: VerifiedPlan | undefined;
  let waiting: VerifiedPlan | undefined;

  return {
    taken: () => taken,
    look() {
      const newest = plans.accepted();
      const runs = running();
      // A new revision that leaves this host's plan as it was changes nothing here. So does one that was taken before.
      const isNews =
        newest !== undefined && newest !== taken && newest.digest !== (taken ?? runs)?.digest;
      const open = isNews ? frozenUntil(runs?.plan.freeze, clock.now()) : undefined;
      if (newest === undefined || runs === undefined || open === undefined) {
        taken = newest;
        waiting = undefined;
        conditions.clear(FROZEN);
        return;
      }
      taken ??= runs;
      const message = `Revision ${numberOf(newest)} waits: the freeze window ${open.name} is open until ${new Date(open.until).toISOString()}. Revision ${numberOf(runs)} goes on.`;
      conditions.raise({ code: FROZEN, severity: "info", message });
      if (waiting === newest) return;
      waiting = newest;
      journal("info", { event: FROZEN, revision: numberOf(newest), until: open.until });
    },
  };
}
