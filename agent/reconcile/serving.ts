import type { Digest, PlannedDeployment, PlannedFactory } from "@millwright/schema";
import type { Engine } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";

/** One request's hold on one instance. While it lasts the instance is not stopped, only drained. */
export interface Lease {
  readonly engine: Engine;
  readonly deployment: string;
  /** The adapter that was asked for by name; absent: what the deployment itself answers with. */
  readonly adapter?: string;
  /** Where an adapter was asked for, with that one in place of its own. */
  readonly planned: PlannedDeployment;
  readonly factory: PlannedFactory;
  /** The plan that this instance serves; of one on another host, the plan that lets this host ask there. */
  readonly plan: VerifiedPlan;
  /** Which host answers, by which plan of its own; absent: this one. */
  readonly at?: { readonly host: string; readonly plan: Digest; readonly revision: number };
  /** Must be called exactly once. */
  release(): void;
}

/** What can be asked for by name now. */
export interface ServedName {
  readonly name: string;
  readonly kind: "deployment" | "route" | "adapter";
  /** When it was first served, in milliseconds since the Unix epoch. */
  readonly since: number;
}

/** Nothing that could answer is ready; `reason` says why. */
export interface Refusal {
  readonly kind: "not-ready";
  readonly reason: string;
}

/** The live table of instances: reconcile writes it, the gateway reads it. */
export interface Serving {
  /** The plan whose names are known to callers now. */
  plan(): VerifiedPlan | undefined;
  names(): readonly ServedName[];
  /** The least busy ready instance of a deployment, or of one of the adapters that it lists. */
  lease(deployment: string, adapter?: string): Lease | Refusal;
}
