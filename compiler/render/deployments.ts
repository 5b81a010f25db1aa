import type { HostPlan, PlannedDeployment } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Placed, Wanted } from "../place/place.ts";
import { msOf } from "./durations.ts";

const SMOKE_MS = 30_000;

/** What a host runs. Instances on the cores share them evenly: an engine whose threads outnumber its cores spins. */
export function deploymentsOf(
  definitions: Definitions,
  cores: number,
  here: readonly Placed[],
): HostPlan["deployments"] {
  const onCores = here.filter(({ gpus }) => gpus.length === 0).length;
  const threads = Math.max(1, Math.floor(cores / Math.max(1, onCores)));
  return Object.fromEntries(
    [...Map.groupBy(here, ({ wanted }) => wanted)].map(([wanted, replicas]) => [
      wanted.name,
      plannedOf(definitions, wanted, replicas, threads),
    ]),
  );
}

function plannedOf(
  { models, adapters }: Definitions,
  { deployment, factory, model, adapter, fit }: Wanted,
  replicas: readonly Placed[],
  threads: number,
): PlannedDeployment {
  const { adapter: over, cache } = deployment;
  // An adapter is made to answer otherwise, so its own question counts.
  const smoke =
    (over === undefined ? undefined : adapters.get(over)?.value.smoke) ??
    models.get(deployment.model)?.value.smoke;
  return {
    factory,
    model: { name: deployment.model, digest: model.digest },
    ...(adapter !== undefined &&
      over !== undefined && { adapter: { name: over, digest: adapter.digest } }),
    instances: replicas
      .map(({ replica, gpus }) => ({ replica, gpus: [...gpus] }))
      .sort((a, b) => a.replica - b.replica),
    context: deployment.context,
    parallel: deployment.parallel ?? 1,
    threads,
    ...(cache !== undefined && cache !== "f16" && { cache }),
    memory: fit.total,
    upgrade: deployment.upgrade ?? "beside",
    ...(deployment.protect === true && { protect: true as const }),
    ...(smoke !== undefined && {
      smoke: {
        prompt: smoke.prompt,
        contains: smoke.contains,
        withinMs: msOf(smoke.within) ?? SMOKE_MS,
      },
    }),
  };
}
