import {
  type Deployment,
  type Host,
  type HostPlan,
  type Model,
  type PlannedDeployment,
  parseBytes,
} from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { plannedEngine } from "../engine/engine.ts";
import type { Placed, Wanted } from "../place/place.ts";
import { msOf } from "./durations.ts";

type Smoke = NonNullable<Model["smoke"]>;

const SMOKE_MS = 30_000;

/** What a host runs. Instances on the cores share them evenly: an engine whose threads outnumber its cores spins. */
export function deploymentsOf(
  definitions: Definitions,
  host: Host,
  here: readonly Placed[],
): HostPlan["deployments"] {
  const { cores = 1 } = host;
  const onCores = here.filter(({ gpus }) => gpus.length === 0).length;
  const threads = Math.max(1, Math.floor(cores / Math.max(1, onCores)));
  return Object.fromEntries(
    [...Map.groupBy(here, ({ wanted }) => wanted)].map(([wanted, replicas]) => [
      wanted.name,
      plannedOf(definitions, wanted, replicas, { threads, host }),
    ]),
  );
}

function plannedOf(
  { models, adapters }: Definitions,
  { deployment, factory, model, adapter, adapters: asked, fit }: Wanted,
  replicas: readonly Placed[],
  { threads, host }: { readonly threads: number; readonly host: Host },
): PlannedDeployment {
  const { adapter: over, cache, engine, gpus = 0, recycle } = deployment;
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
    ...(engine !== undefined && {
      engine: plannedEngine(engine, {
        ...{ gpus, cache: cache ?? "f16", hasAdapter: adapter !== undefined },
        share: shareOf(host, replicas, fit.total / Math.max(1, gpus)),
      }),
    }),
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

/**
 * The share of a GPU that so many bytes are. Of unequal GPUs the largest counts: an engine takes its share of whichever
 * it gets, and on none may that be more than what is planned.
 */
function shareOf({ gpus = [] }: Host, replicas: readonly Placed[], bytes: number): number {
  const sizes = gpus.flatMap(({ count = 1, memory }) =>
    Array<number>(count).fill(parseBytes(memory) ?? 0),
  );
  const used = replicas.flatMap((replica) => replica.gpus.map((index) => sizes[index] ?? 0));
  const largest = Math.max(0, ...used);
  return largest === 0 ? 0 : Math.min(1, bytes / largest);
}
