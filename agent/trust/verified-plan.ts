import type { Digest, HostPlan, Revision } from "@millwright/schema";

declare const verified: unique symbol;

/** A plan that passed every check of `verify` in this folder, the only place that can make one. */
export interface VerifiedPlan {
  readonly plan: HostPlan;
  /** SHA-256 of the canonical plan. */
  readonly digest: Digest;
  readonly revision: Revision;
  readonly [verified]: true;
}
