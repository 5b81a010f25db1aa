import type { Clock, Conditions, Journal } from "../life/life.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { numberOf, type Plans } from "./course.ts";
import { type Waiting, waitingFor } from "./waiting-for.ts";

/** Which of the proved plans the host takes: the newest, unless something makes it wait. */
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

const codes: readonly Waiting["code"][] = [
  "reconcile/held",
  "reconcile/frozen",
  "reconcile/protected",
];

export function takingOf(options: TakingOptions): Taking {
  const { plans, clock, conditions, journal, running } = options;
  let taken: VerifiedPlan | undefined;
  let told: { readonly plan: VerifiedPlan; readonly code: Waiting["code"] } | undefined;

  return {
    taken: () => taken,
    look() {
      const newest = plans.accepted();
      const runs = running();
      // A new revision that leaves this host's plan as it was changes nothing here. So does one that was taken before.
      const isNews =
        newest !== undefined && newest !== taken && newest.digest !== (taken ?? runs)?.digest;
      const waiting = isNews ? waitingFor(newest.plan, runs?.plan, clock.now()) : undefined;
      for (const code of codes) if (code !== waiting?.code) conditions.clear(code);
      if (newest === undefined || waiting === undefined) {
        taken = newest;
        told = undefined;
        return;
      }
      taken ??= runs;
      const goesOn = runs === undefined ? "Nothing runs." : `Revision ${numberOf(runs)} goes on.`;
      const { code, severity, why, until } = waiting;
      const message = `Revision ${numberOf(newest)} waits: ${why}. ${goesOn}`;
      conditions.raise({ code, severity, message });
      if (told?.plan === newest && told.code === code) return;
      told = { plan: newest, code };
      const when = until === undefined ? {} : { until };
      journal(severity, { event: code, revision: numberOf(newest), ...when });
    },
  };
}
