import type { PlannedDeployment, PlannedFactory } from "@millwright/schema";
import type { Engine } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";

/** One request's hold on one instance. While it lasts the instance is not stopped, only drained. */
export interface Lease {
  readonly engine: Engine;
  readonly deployment: string;
  readonly planned: PlannedDeployment;
  readonly factory: PlannedFactory;
  /** The plan that this instance serves. */
  readonly plan: VerifiedPlan;
  /** Must be called exactly once. */
  release(): void;
}

/** What can be asked for by name now. */
export interface ServedName {
  readonly name: string;
  readonly kind: "deployment" | "route";
  /** When it was first served, in milliseconds since the Unix epoch. */
  readonly since: number;
}

export type Refusal =
  /** No deployment and no route of that name in the plan. */
  | { readonly kind: "unknown-name"; readonly known: readonly string[] }
  /** Planned here, but nothing that could answer is ready; `reason` says why. */
  | { readonly kind: "not-ready"; readonly reason: string };

/** The live table from names to instances: reconcile writes it, the gateway reads it. */
export interface Serving {
  names(): readonly ServedName[];
  /** The least busy ready instance of a deployment, or of the first deployment of a route that has one. */
  lease(name: string): Lease | Refusal;
}
