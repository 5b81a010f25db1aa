import type { Deployment, HostPlan, Model, PlannedDeployment } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Placed, Wanted } from "../place/place.ts";
import { msOf } from "./durations.ts";

type Smoke = NonNullable<Model["smoke"]>;

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
  { deployment, factory, model, adapter, adapters: asked, fit }: Wanted,
  replicas: readonly Placed[],
  threads: number,
): PlannedDeployment {
  const { adapter: over, cache, recycle } = deployment;
  // An adapter is made to answer otherwise, so its own question counts.
  const ofModel = models.get(deployment.model)?.value.smoke;
  const smokeOf = (name: string | undefined) =>
    (name === undefined ? undefined : adapters.get(name)?.value.smoke) ?? ofModel;
  return {
    factory,
    model: { name: deployment.model, digest: model.digest },
    ...(adapter !== undefined &&
      over !== undefined && { adapter: { name: over, digest: adapter.digest } }),
    ...(asked.size > 0 && {
      adapters: [...asked].map(([name, { digest }]) => ({
        ...{ name, digest },
        ...smokeTestOf(smokeOf(name)),
      })),
    }),
    instances: replicas
      .map(({ replica, gpus }) => ({ replica, gpus: [...gpus] }))
      .sort((a, b) => a.replica - b.replica),
    context: deployment.context,
    parallel: deployment.parallel ?? 1,
    threads,
    ...(cache !== undefined && cache !== "f16" && { cache }),
    memory: fit.total,
    upgrade: deployment.upgrade ?? "beside",
    ...recycleOf(recycle),
    ...(deployment.protect === true && { protect: true as const }),
    ...smokeTestOf(smokeOf(over)),
  };
}

function smokeTestOf(smoke: Smoke | undefined): Pick<PlannedDeployment, "smoke"> {
  if (smoke === undefined) return {};
  const { prompt, contains, within } = smoke;
  return { smoke: { prompt, contains, withinMs: msOf(within) ?? SMOKE_MS } };
}

function recycleOf(recycle: Deployment["recycle"]): Pick<PlannedDeployment, "recycle"> {
  const { after, requests } = recycle ?? {};
  if (after === undefined && requests === undefined) return {};
  return {
    recycle: {
      ...(after !== undefined && { afterMs: msOf(after) }),
      ...(requests !== undefined && { requests }),
    },
  };
}
