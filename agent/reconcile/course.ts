import { type Digest, parseDigest } from "@millwright/schema";
import type { VerifiedPlan } from "../trust/trust.ts";

/** The plans that trust has proved, as reconcile sees them. */
export interface Plans {
  /** The newest that was accepted: what this host is to be. */
  accepted(): VerifiedPlan | undefined;
  /** The newest that ran and passed its gates: what to go back to. */
  good(): VerifiedPlan | undefined;
  /** The accepted plan runs. */
  keepGood(plan: VerifiedPlan): Promise<void>;
  /** For how long nobody has vouched that the accepted plan is the newest. Milliseconds; 0 while somebody does. */
  staleFor(): number;
}

export interface PlanFailure {
  readonly plan: VerifiedPlan;
  readonly reason: string;
}

/** Where the host is going. */
export interface Course {
  readonly target: VerifiedPlan;
  /** The plan that serves meanwhile, when it is another one that has run. */
  readonly former?: VerifiedPlan;
}

export function numberOf({ revision }: VerifiedPlan): number {
  return revision.predicate.number;
}

/**
 * The accepted plan; when it has failed, the last good one. Without a good one the accepted plan stays the target,
 * part by part: what works of it serves. `front` is the plan whose names are known to callers now, once it has run.
 */
export function courseOf(
  { accepted, good }: Plans,
  failure: PlanFailure | undefined,
  front: VerifiedPlan | undefined,
): Course | undefined {
  const newest = accepted();
  if (newest === undefined) return undefined;
  const failed = failure !== undefined && numberOf(failure.plan) === numberOf(newest);
  const back = failed ? good() : undefined;
  if (back !== undefined) return { target: back };
  return front === undefined || front.digest === newest.digest
    ? { target: newest }
    : { target: newest, former: front };
}

/** The bytes that these plans name. */
export function blobsOf(plans: readonly (VerifiedPlan | undefined)[]): ReadonlySet<Digest> {
  const names = plans.flatMap((plan) => (plan === undefined ? [] : Object.keys(plan.plan.blobs)));
  return new Set(names.flatMap((name) => parseDigest(name) ?? []));
}
