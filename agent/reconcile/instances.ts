import type { Digest } from "@millwright/schema";
import type { RunnerHandle } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { InstanceState, ObservedInstance } from "./decide.ts";

/** An instance, and what is known of it. */
export interface Instance {
  readonly handle: RunnerHandle;
  state: InstanceState;
  leases: number;
  /** The plan that it serves: the newest that wants it. */
  plan: VerifiedPlan;
  /** Its end is our doing. */
  stopping: boolean;
}

/** The instances of this host, by the digest of their specification. */
export type Instances = Map<Digest, Instance>;

export function observedInstances(instances: Instances): readonly ObservedInstance[] {
  return [...instances].map(([digest, { handle, state, leases }]) => ({
    ...{ digest, state, leases },
    deployment: handle.spec.deployment,
    replica: handle.spec.replica,
  }));
}
