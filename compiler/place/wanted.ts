import type { Definitions } from "../check/check.ts";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import { externalFit, memoryOf, packs } from "../fit/fit.ts";
import { LOCK_PATH, type Lock, type LockedArtifact } from "../lock/lock.ts";
import { overOf } from "./over.ts";
import type { Wanted } from "./placement.ts";
import { adaptersOf, classificationOf, commonRegions, datasetsOf } from "./regions.ts";

/** Every deployment with its facts from the lock and its need of memory. What cannot be known is reported and left out. */
export function wantedOf(
  definitions: Definitions,
  lock: Lock | undefined,
  found: Diagnostic[],
): readonly Wanted[] {
  const groups = definitions.fleet.value.regions ?? {};
  const locked = lockedOf(lock, found);
  return [...definitions.factories.values()].flatMap(({ value: factory, spanOf }) =>
    Object.entries(factory.deployments).flatMap(([name, deployment]): Wanted[] => {
      const model = definitions.models.get(deployment.model);
      const base = model && locked(model.value.source, "model", model.spanOf(["source"]));
      const names = adaptersOf(deployment);
      const over = new Map(
        names.flatMap((each) => {
          const adapter = definitions.adapters.get(each);
          const found =
            adapter && locked(adapter.value.source, "adapter", adapter.spanOf(["source"]));
          return found?.facts.kind === "adapter" ? [[each, found] as const] : [];
        }),
      );
      if (base?.facts.kind !== "model" || over.size < names.length) return [];
      const { facts } = base;
      const { context, parallel = 1, gpus = 0, cache } = deployment;
      if (context > facts.contextLength) {
        found.push({
          code: "fit/context-too-long",
          severity: "error",
          message: `${name} wants a context of ${context} tokens; ${deployment.model} was made for ${facts.contextLength}`,
          at: spanOf(["deployments", name, "context"]),
          cure: `write ${facts.contextLength} or less`,
        });
      }
      if (cache !== undefined && cache !== "f16" && !packs(facts)) {
        found.push({
          code: "fit/cache-not-possible",
          severity: "error",
          message: `${name} wants its cache in ${cache}; the heads of ${deployment.model} have ${facts.keyLength} and ${facts.valueLength} elements, not a multiple of 32`,
          at: spanOf(["deployments", name, "cache"]),
          cure: "leave cache out, or choose a model whose heads are a multiple of 32",
        });
      }
      for (const [each, { facts: made }] of over) {
        if (made.kind !== "adapter" || made.architecture === facts.architecture) continue;
        const index = deployment.adapters?.indexOf(each) ?? -1;
        const path = each === deployment.adapter ? ["adapter"] : ["adapters", index];
        found.push({
          code: "check/adapter-of-another-model",
          severity: "error",
          message: `${each} was made for the architecture ${made.architecture}; ${deployment.model} is ${facts.architecture}`,
          at: spanOf(["deployments", name, ...path]),
          cure: `choose an adapter of ${deployment.model}`,
        });
      }
      const adapter = deployment.adapter === undefined ? undefined : over.get(deployment.adapter);
      const asked = new Set(deployment.adapters);
      const adapters = new Map([...over].filter(([each]) => asked.has(each)));
      const embedded = memoryOf(facts, {
        ...{ context, parallel, gpus, cache },
        ...overOf({ adapter, adapters }),
      });
      const fit = externalFit(deployment.engine, gpus, embedded);
      const datasets = datasetsOf(definitions, factory.name, names);
      return [
        {
          name,
          factory: factory.name,
          deployment,
          model: { ...base, facts },
          ...{ adapter, adapters },
          fit,
          regions: commonRegions(datasets, groups),
          classification: classificationOf(definitions, factory.name, datasets),
          spanOf: (field) =>
            field === undefined
              ? spanOf(["deployments", name], "key")
              : spanOf(["deployments", name, field]),
        },
      ];
    }),
  );
}

const article = { model: "a model", adapter: "an adapter", agent: "an agent" } as const;

/** Looks a source up in the lock; each that is missing is reported once. */
function lockedOf(lock: Lock | undefined, found: Diagnostic[]) {
  const told = new Set<string>();
  return (source: string, kind: "model" | "adapter", at: Span): LockedArtifact | undefined => {
    const artifact = lock?.artifacts.get(source);
    if (artifact?.facts.kind === kind) return artifact;
    if (!told.has(source)) {
      told.add(source);
      found.push(
        artifact === undefined
          ? {
              code: "lock/missing",
              severity: "error",
              message: `${LOCK_PATH} does not hold ${source}`,
              at,
              cure: "run millwright lock and commit the lock",
            }
          : {
              code: "lock/not-a-model",
              severity: "error",
              message: `${source} is ${article[artifact.facts.kind]}, not ${article[kind]}`,
              at,
              cure:
                artifact.facts.kind === "agent"
                  ? "name a GGUF file"
                  : `declare it with ${artifact.facts.kind}({ … })`,
            },
      );
    }
    return undefined;
  };
}
