/**
 * Placements into plans: one for each host.
 *
 * In: definitions, the lock, where everything stands. Out: a HostPlan for every host, also for one with nothing to do.
 * Promise: a plan holds what its host needs and nothing else, so a change that does not concern a host leaves its
 * plan as it was, to the byte.
 */
import {
  canonicalBytes,
  type Digest,
  digestOf,
  type Host,
  type HostName,
  type HostPlan,
  type PlannedDeployment,
  type PublicKey,
  parseDuration,
  planTreeOf,
} from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { type Diagnostic, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import type { LockedArtifact } from "../lock/lock.ts";
import type { Placed, Placement } from "../place/place.ts";
import { governanceOf } from "./governance.ts";
import type { Rendered, RenderedPlan } from "./rendered.ts";

export type { Rendered, RenderedPlan } from "./rendered.ts";

const defaults = { gateway: "127.0.0.1:7430", telemetryMs: 10_000, smokeMs: 30_000 } as const;

export function render(definitions: Definitions, { placed }: Placement): Stage<Rendered> {
  const byHost = Map.groupBy(placed, ({ host }) => host);
  const plans = new Map<HostName, RenderedPlan>();
  for (const [name, { value }] of definitions.hosts) {
    const plan = planOf(definitions, value, byHost.get(name) ?? []);
    const bytes = canonicalBytes(plan);
    plans.set(plan.host, { plan, bytes, digest: digestOf(bytes) });
  }
  const tree = planTreeOf(new Map([...plans].map(([host, { digest }]) => [host, digest])));
  return stageOf({ plans, tree }, routesNowhere(definitions, plans));
}

function planOf(definitions: Definitions, host: Host, here: readonly Placed[]): HostPlan {
  const { fleet } = definitions;
  const deployments = deploymentsOf(definitions, host.cores ?? 1, here);
  const factories = [...new Set(here.map(({ wanted }) => wanted.factory))].sort();
  return {
    schema: "plan/1",
    host: host.name as HostName,
    key: host.key as PublicKey,
    site: host.site,
    region: host.region,
    hubs: [...fleet.value.hubs],
    gateway: { listen: host.gateway?.listen ?? defaults.gateway },
    telemetry: { everyMs: durationOf(fleet.value.telemetry?.every) ?? defaults.telemetryMs },
    blobs: blobsOf(definitions, here),
    deployments,
    routes: routesOf(definitions, factories, deployments),
    factories: Object.fromEntries(factories.map((name) => [name, factoryOf(definitions, name)])),
  };
}

/** Instances on the cores share them evenly: an engine whose threads outnumber its cores spins. */
function deploymentsOf(
  { models, adapters }: Definitions,
  cores: number,
  here: readonly Placed[],
): HostPlan["deployments"] {
  const onCores = here.filter(({ gpus }) => gpus.length === 0).length;
  const threads = Math.max(1, Math.floor(cores / Math.max(1, onCores)));
  const grouped = Map.groupBy(here, ({ wanted }) => wanted);
  return Object.fromEntries(
    [...grouped].map(([wanted, replicas]): [string, PlannedDeployment] => {
      const { deployment, factory, model, adapter, fit, name } = wanted;
      const smoke =
        (deployment.adapter === undefined
          ? undefined
          : adapters.get(deployment.adapter)?.value.smoke) ??
        models.get(deployment.model)?.value.smoke;
      return [
        name,
        {
          factory,
          model: { name: deployment.model, digest: model.digest },
          ...(adapter !== undefined &&
            deployment.adapter !== undefined && {
              adapter: { name: deployment.adapter, digest: adapter.digest },
            }),
          instances: replicas
            .map(({ replica, gpus }) => ({ replica, gpus: [...gpus] }))
            .sort((a, b) => a.replica - b.replica),
          context: deployment.context,
          parallel: deployment.parallel ?? 1,
          threads,
          memory: fit.total,
          upgrade: deployment.upgrade ?? "beside",
          ...(smoke !== undefined && {
            smoke: {
              prompt: smoke.prompt,
              contains: smoke.contains,
              withinMs: durationOf(smoke.within) ?? defaults.smokeMs,
            },
          }),
        },
      ];
    }),
  );
}

function blobsOf({ models, adapters }: Definitions, here: readonly Placed[]): HostPlan["blobs"] {
  const blobs = new Map<Digest, HostPlan["blobs"][string]>();
  const add = (name: string, source: string | undefined, artifact: LockedArtifact | undefined) => {
    if (source === undefined || artifact === undefined || blobs.has(artifact.digest)) return;
    blobs.set(artifact.digest, { name, size: artifact.size, sources: [whereFrom(source)] });
  };
  for (const { wanted } of here) {
    const { model, adapter } = wanted.deployment;
    add(model, models.get(model)?.value.source, wanted.model);
    if (adapter !== undefined) add(adapter, adapters.get(adapter)?.value.source, wanted.adapter);
  }
  return Object.fromEntries(blobs);
}

/** A file of the repository comes from the hub, which has it in git. */
function whereFrom(source: string): string {
  return source.startsWith("https://") || source.startsWith("file:///") ? source : "hub:";
}

/** Routes with at least one of their deployments here, in the order of the definition. */
function routesOf(
  { factories }: Definitions,
  here: readonly string[],
  deployments: HostPlan["deployments"],
): HostPlan["routes"] {
  return Object.fromEntries(
    here.flatMap((factory) =>
      Object.entries(factories.get(factory)?.value.routes ?? {}).flatMap(
        ([name, { to, fallback = [] }]) => {
          const targets = [...new Set([to, ...fallback])].filter((target) =>
            Object.hasOwn(deployments, target),
          );
          return targets.length === 0 ? [] : [[name, { factory, to: targets }] as const];
        },
      ),
    ),
  );
}

function factoryOf(definitions: Definitions, name: string): HostPlan["factories"][string] {
  const factory = definitions.factories.get(name)?.value;
  if (factory === undefined) throw new Error(`impossible: no factory ${name}`);
  const { feedback, owner } = factory;
  return {
    owner,
    ...(feedback !== undefined && {
      feedback: {
        sample: feedback.sample,
        redact: feedback.redact,
        keepMs: durationOf(feedback.keep) ?? 0,
      },
    }),
    governance: governanceOf(definitions, name),
  };
}

/** The schema has read the text, so it is a duration; absent stays absent. */
function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function routesNowhere(
  { factories }: Definitions,
  plans: ReadonlyMap<HostName, RenderedPlan>,
): readonly Diagnostic[] {
  const served = new Set([...plans.values()].flatMap(({ plan }) => Object.keys(plan.routes)));
  return [...factories.values()].flatMap(({ value, spanOf }) =>
    Object.keys(value.routes ?? {})
      .filter((name) => !served.has(name))
      .map(
        (name): Diagnostic => ({
          code: "render/route-nowhere",
          severity: "warning",
          message: `no host serves the route ${name}`,
          at: spanOf(["routes", name]),
          cure: "give one of its deployments a replica",
        }),
      ),
  );
}
