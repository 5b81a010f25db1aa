import type { Digest } from "@millwright/schema";
import type { RunnerHandle, RunnerSpec } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { InstanceState, ObservedInstance } from "./decide.ts";

/** An instance that has been loaded, and what is known of it. */
export interface Instance {
  readonly handle: RunnerHandle;
  state: Exclude<InstanceState, "starting">;
  leases: number;
  /** The plan that it serves: the newest that wants it. */
  plan: VerifiedPlan;
}

/** The instances of this host, by the digest of their specification. */
export interface Instances {
  readonly loaded: Map<Digest, Instance>;
  /** Being loaded now. */
  readonly starting: Map<Digest, RunnerSpec>;
  /** Specifications that have passed their gates once: what becomes of them later says nothing against a plan. */
  readonly proven: Set<Digest>;
}

export function noInstances(): Instances {
  return { loaded: new Map(), starting: new Map(), proven: new Set() };
}

export function observedInstances({ loaded, starting }: Instances): readonly ObservedInstance[] {
  return [
    ...[...starting].map(([digest, { deployment, replica }]) => ({
      ...{ digest, deployment, replica },
      ...{ state: "starting" as const, leases: 0 },
    })),
    ...[...loaded].map(([digest, { handle, state, leases }]) => ({
      ...{ digest, state, leases },
      deployment: handle.spec.deployment,
      replica: handle.spec.replica,
    })),
  ];
}

/** The digests of the models and adapters that are loaded. */
export function loadedModels({ loaded }: Instances): Digest[] {
  const digests = [...loaded.values()].flatMap(({ handle: { spec } }) => [
    spec.model.digest,
    ...(spec.adapter === undefined ? [] : [spec.adapter.digest]),
  ]);
  return [...new Set(digests)];
}
