/** The world of `decide`: plans at random, and what a step does to a host. */
import fc from "fast-check";
import {
  type Observed,
  type ObservedInstance,
  type Step,
  type Wanted,
  wantedOf,
} from "../../agent/reconcile/reconcile.ts";
import { lineageOf } from "../../agent/runner/runner.ts";
import { planOf, type SketchedDeployment } from "./plan-kit.ts";

export const smoke = { prompt: "well?", contains: "fine", withinMs: 500 };
export const names = ["triage", "code", "plan"] as const;

/** A name as long as its weights are large. */
const weighty = ["a", "b".repeat(20), "c".repeat(30)] as const;
export const deployment = fc
  .record(
    {
      model: fc.constantFrom(...weighty),
      replicas: fc.integer({ min: 1, max: 2 }),
      upgrade: fc.constantFrom("beside" as const, "drain" as const),
      smoke: fc.constantFrom(smoke, { ...smoke, contains: "good" }),
      adapter: fc.constantFrom("lora-a", "lora-b"),
      adapters: fc.uniqueArray(fc.constantFrom("lora-a", "lora-b"), { maxLength: 2 }),
    },
    { requiredKeys: ["model", "replicas", "upgrade"] },
  )
  // Its weights, and ten for each context.
  .map((said) => ({
    ...said,
    memory: said.model.length + 10 * (1 + (said.adapters?.length ?? 0)),
  }));
export const deployments = (part: fc.Arbitrary<SketchedDeployment>, maxKeys = 3) =>
  fc.dictionary(fc.constantFrom(...names.slice(0, maxKeys)), part, {
    maxKeys,
    noNullPrototype: true,
  });
export const wantedBy = (sketch: Readonly<Record<string, SketchedDeployment>>) =>
  wantedOf(planOf(1, sketch).plan, (digest) => digest);

/** The world of `decide`, reduced to what a step does to it. */
export interface World {
  readonly blobs: Set<string>;
  readonly instances: Map<string, { -readonly [K in keyof ObservedInstance]: ObservedInstance[K] }>;
}

export function take(step: Step, { blobs, instances }: World): void {
  const at = (digest: string) => {
    const found = instances.get(digest);
    if (found === undefined) throw new Error(`${step.kind} of what is not there`);
    return found;
  };
  switch (step.kind) {
    case "fetch":
      blobs.add(step.blob);
      return;
    case "start": {
      const { digest } = step.wanted;
      if (instances.has(digest)) throw new Error("started twice");
      instances.set(digest, { ...instanceOf(step.wanted, 0), state: "loaded" });
      return;
    }
    case "smoke": {
      const { digest, gate } = step.wanted;
      const instance = at(digest);
      if (instance.state === "loaded") instance.state = "proved";
      if (gate !== undefined) instance.passed = new Set([...instance.passed, gate]);
      return;
    }
    case "shift":
      for (const digest of step.serve) at(digest).state = "serving";
      for (const digest of step.drain) at(digest).state = "draining";
      return;
    case "drain":
      at(step.digest).state = "draining";
      return;
    case "stop": {
      if (at(step.digest).leases > 0) throw new Error("a request was cut");
      instances.delete(step.digest);
    }
  }
}

export function instanceOf(
  { digest, deployment, replica, adapterName, weights, spec }: Wanted,
  leases: number,
): ObservedInstance {
  const which = { digest, deployment, replica, weights, gpus: spec.gpus };
  const life = {
    lineage: lineageOf(spec),
    generation: spec.generation ?? 0,
    since: 0,
    answered: 0,
  };
  const name = adapterName !== undefined && { adapterName };
  return { ...which, ...life, ...name, leases, state: "serving", passed: new Set() };
}

export function observe(
  { blobs, instances }: World,
  former: readonly Wanted[] | undefined,
): Observed {
  return {
    blobs: blobs as unknown as Observed["blobs"],
    instances: [...instances.values()].map((instance) => ({ ...instance })),
    retryAt: new Map(),
    ...(former !== undefined && { former }),
  };
}
