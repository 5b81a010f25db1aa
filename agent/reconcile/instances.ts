import type { Digest } from "@millwright/schema";
import { lineageOf, type RunnerHandle, type RunnerSpec, weightsOf } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { InstanceState, ObservedInstance } from "./decide.ts";
import type { Wanted } from "./wanted.ts";

/** An instance that has been loaded, and what is known of it. */
export interface Instance {
  readonly handle: RunnerHandle;
  state: Exclude<InstanceState, "starting">;
  leases: number;
  /** When its process started, and how many requests it has been given. */
  readonly since: number;
  answered: number;
  /** The gates that this process has passed. */
  readonly passed: Set<Digest>;
  /** The plan that it serves: the newest that wants it. */
  plan: VerifiedPlan;
}

/** The instances of this host, by the digest of their specification. */
export interface Instances {
  readonly loaded: Map<Digest, Instance>;
  /** Being loaded now. */
  readonly starting: Map<Digest, Starting>;
  /** What becomes of these later says nothing against a plan. */
  readonly proven: Proven;
}

export interface Starting {
  readonly spec: RunnerSpec;
  /** How much of the model is loaded, as far as it is known. */
  percent?: number;
}

/** Specifications that have passed a gate once, each with the gates that it passed. */
export interface Proven {
  has(item: Pick<Wanted, "origin" | "gate">): boolean;
  add(item: Pick<Wanted, "origin" | "gate">): void;
}

export function noInstances(): Instances {
  const proven = new Set<string>();
  const keyOf = ({ origin, gate }: Pick<Wanted, "origin" | "gate">) => `${origin} ${gate ?? ""}`;
  return {
    loaded: new Map(),
    starting: new Map(),
    proven: { has: (item) => proven.has(keyOf(item)), add: (item) => void proven.add(keyOf(item)) },
  };
}

const noGates: ReadonlySet<Digest> = new Set();

export function observedInstances(
  { loaded, starting }: Instances,
  now: number,
): readonly ObservedInstance[] {
  return [
    ...[...starting].map(([digest, { spec }]) => ({
      ...{ digest, ...seenOf(spec) },
      ...{ state: "starting" as const, leases: 0, passed: noGates, since: now, answered: 0 },
    })),
    ...[...loaded].map(([digest, { handle, state, leases, passed, since, answered }]) => ({
      ...{ digest, state, leases, passed, since, answered, ...seenOf(handle.spec) },
    })),
  ];
}

function seenOf(spec: RunnerSpec) {
  const { deployment, replica, adapterName, gpus, generation = 0 } = spec;
  const process = { weights: weightsOf(spec), lineage: lineageOf(spec), generation };
  return {
    deployment,
    replica,
    gpus,
    ...process,
    ...(adapterName !== undefined && { adapterName }),
  };
}

/** The digests of the models and adapters that are loaded. */
export function loadedModels({ loaded }: Instances): Digest[] {
  const digests = [...loaded.values()].flatMap(({ handle: { spec } }) => [
    spec.model.digest,
    ...(spec.adapter === undefined ? [] : [spec.adapter.digest]),
  ]);
  return [...new Set(digests)];
}
