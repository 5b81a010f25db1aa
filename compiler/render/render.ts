/**
 * Placements into plans: one for each host.
 *
 * In: definitions, where everything stands and the proof that its data may be there. Out: a HostPlan for every host, also for one with nothing to do.
 * Promise: a plan holds what its host needs and nothing else, so a change that does not concern a host leaves its
 * plan as it was, to the byte; and an agent's schema takes every plan.
 */
import {
  canonicalBytes,
  digestOf,
  type FreezeWindow,
  type Host,
  type HostName,
  HostPlan,
  hubUrl,
  type PlannedFactory,
  parseHostName,
  parsePublicKey,
  planTreeOf,
  readerOf,
} from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";
import { type Diagnostic, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import type { Placed } from "../place/place.ts";
import type { Proved } from "../sovereignty/sovereignty.ts";
import { agentOf } from "./agent.ts";
import { blobsOf } from "./blobs.ts";
import { deploymentsOf } from "./deployments.ts";
import { msOf } from "./durations.ts";
import { freezeOf } from "./freeze.ts";
import { governanceOf } from "./governance.ts";
import { hardwareOf } from "./hardware.ts";
import { type NeighboursOf, neighboursIn } from "./neighbours.ts";
import { operatorOf } from "./operator.ts";
import { type PeersOf, peersIn } from "./peers.ts";
import { newContents, readSets } from "./read-sets.ts";
import type { Rendered, RenderedPlan } from "./rendered.ts";
import { type RoutesByFactory, routesByFactory, routesOf } from "./routes.ts";
import { storeOf } from "./store.ts";

export type { Rendered, RenderedPlan } from "./rendered.ts";

const defaults = { gateway: "127.0.0.1:7430", telemetryMs: 10_000 } as const;
const readPlan = readerOf(HostPlan);

export function render(definitions: Definitions, proved: Proved): Stage<Rendered> {
  return renderer()(definitions, proved);
}

/** Renders again and again: a host of which nothing has changed that its plan was made from keeps its plan, unrendered. */
export function renderer(): (definitions: Definitions, proved: Proved) => Stage<Rendered> {
  const contents = newContents();
  let kept: ReadonlyMap<string, RenderedPlan> = new Map();
  return (definitions, proved) => {
    const byHost = Map.groupBy(proved.placed, ({ host }) => host);
    const peersOf = peersIn(definitions, byHost, proved.agentsOf);
    const neighboursOf = neighboursIn(definitions, proved);
    const planned = plannedOf(definitions, proved, peersOf, neighboursOf);
    const around = { peersOf, neighboursOf, agentsOf: proved.agentsOf };
    const readSetOf = readSets(definitions, contents, around);
    const now = new Map<string, RenderedPlan>();
    const plans = new Map<HostName, RenderedPlan>();
    for (const [name, found] of definitions.hosts) {
      const here = byHost.get(name) ?? [];
      const readSet = readSetOf(found, here);
      const rendered = kept.get(readSet) ?? sealed(planOf(definitions, planned, found.value, here));
      now.set(readSet, rendered);
      plans.set(rendered.plan.host, rendered);
    }
    kept = now;
    const tree = planTreeOf(new Map([...plans].map(([host, { digest }]) => [host, digest])));
    return stageOf({ plans, tree }, routesNowhere(definitions, plans));
  };
}

function sealed(plan: HostPlan): RenderedPlan {
  if (!readPlan(plan).ok) throw new Error(`impossible: the plan of ${plan.host} is none`);
  const bytes = canonicalBytes(plan);
  return { plan, bytes, digest: digestOf(bytes) };
}

/** What is the same on every host. */
interface Planned {
  readonly factories: ReadonlyMap<string, PlannedFactory>;
  readonly routes: RoutesByFactory;
  readonly freeze: readonly FreezeWindow[];
  readonly certificateOn: Proved["certificateOn"];
  readonly agentsOf: Proved["agentsOf"];
  readonly peersOf: PeersOf;
  readonly neighboursOf: NeighboursOf;
}

function plannedOf(
  definitions: Definitions,
  proved: Proved,
  peersOf: PeersOf,
  neighboursOf: NeighboursOf,
): Planned {
  const factories = [...definitions.factories].map(
    ([name, found]) => [name, factoryOf(definitions, proved, found)] as const,
  );
  return {
    factories: new Map(factories),
    routes: routesByFactory(definitions),
    freeze: freezeOf(definitions),
    certificateOn: proved.certificateOn,
    agentsOf: proved.agentsOf,
    peersOf,
    neighboursOf,
  };
}

function planOf(
  definitions: Definitions,
  planned: Planned,
  host: Host,
  here: readonly Placed[],
): HostPlan {
  const { fleet } = definitions;
  const agents = planned.agentsOf(host);
  const blobs = blobsOf(definitions, here, agents);
  const peers = planned.peersOf(host.name);
  const deployments = deploymentsOf(definitions, host, here);
  const around = planned.neighboursOf(host.name);
  const passed = Object.values(around.elsewhere ?? {}).map(({ factory }) => factory);
  const factories = [...new Set([...here.map(({ wanted }) => wanted.factory), ...passed])].sort();
  const sovereignty = planned.certificateOn(host.name);
  const name = parseHostName(host.name);
  const key = parsePublicKey(host.key);
  if (name === undefined || key === undefined)
    throw new Error(`impossible: ${host.name} has passed as a host`);
  return {
    schema: "plan/1",
    host: name,
    key,
    site: host.site,
    region: host.region,
    hubs: fleet.value.hubs.map(hubUrl),
    gateway: {
      listen: host.gateway?.listen ?? defaults.gateway,
      ...(host.gateway?.address !== undefined && { address: host.gateway.address }),
    },
    telemetry: {
      everyMs: msOf(fleet.value.telemetry?.every) ?? defaults.telemetryMs,
      ...(fleet.value.telemetry?.collector !== undefined && {
        collector: fleet.value.telemetry.collector,
      }),
    },
    hardware: hardwareOf(host),
    ...agentOf(agents),
    ...(planned.freeze.length > 0 && { freeze: [...planned.freeze] }),
    ...operatorOf(definitions, host),
    blobs,
    ...storeOf(host),
    ...(peers.length > 0 && { peers: [...peers] }),
    deployments,
    ...around,
    routes: routesOf(planned.routes, factories, deployments, around.elsewhere ?? {}),
    factories: Object.fromEntries(
      factories.flatMap((each) => {
        const factory = planned.factories.get(each);
        return factory === undefined ? [] : [[each, factory] as const];
      }),
    ),
    ...(sovereignty !== undefined && { sovereignty }),
  };
}

function factoryOf(
  definitions: Definitions,
  proved: Proved,
  { value }: Found<"factory">,
): PlannedFactory {
  const { apiKeys = {}, feedback, owner, name } = value;
  return {
    owner,
    ...(Object.keys(apiKeys).length > 0 && { apiKeys }),
    ...(feedback !== undefined && {
      feedback: { sample: feedback.sample, redact: feedback.redact, keepMs: msOf(feedback.keep) },
    }),
    governance: governanceOf(definitions, proved, name),
  };
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
          at: spanOf(["routes", name], "key"),
          cure: "give one of its deployments a replica",
        }),
      ),
  );
}
