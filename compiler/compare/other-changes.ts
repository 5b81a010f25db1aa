import type { HostPlan, PlannedDeployment } from "@millwright/schema";
import { differencesBetween } from "../history/history.ts";

/** Paths of what differs between two plans of one host, but for what is told in words of its own. */
export function otherChanges(before: HostPlan, after: HostPlan): readonly string[] {
  const rest = differencesBetween(restOf(before, after), restOf(after, before));
  const isCertified = isSame(before.sovereignty, after.sovereignty);
  return [...rest.map(({ path }) => path), ...(isCertified ? [] : ["sovereignty"])];
}

/** What comes or goes whole is told with the instances, blobs and routes that come or go with it. */
function restOf(plan: HostPlan, other: HostPlan): object {
  const { sovereignty, ...rest } = plan;
  return {
    ...rest,
    factories: shared(plan.factories, other.factories, (factory) => factory),
    blobs: shared(plan.blobs, other.blobs, ({ name, sources }) => ({ name, sources })),
    routes: shared(plan.routes, other.routes, ({ factory }) => ({ factory })),
    deployments: shared(plan.deployments, other.deployments, deploymentRest),
  };
}

/** Why an instance is another one is told with it: names say nothing of that, and memory follows from it. */
function deploymentRest(planned: PlannedDeployment, other: PlannedDeployment): object {
  const {
    model,
    adapter,
    adapters,
    instances,
    context,
    parallel,
    threads,
    cache,
    engine,
    memory,
    ...rest
  } = planned;
  const others = new Map(other.adapters?.map(({ name, digest }) => [name, digest]));
  return {
    ...rest,
    ...(model.digest === other.model.digest && { model: { name: model.name } }),
    ...(adapter !== undefined &&
      adapter.digest === other.adapter?.digest && { adapter: { name: adapter.name } }),
    adapters: adapters?.filter(({ name, digest }) => others.get(name) === digest),
    ...(isSame(sizeOf(planned), sizeOf(other)) && { memory }),
  };
}

function sizeOf(planned: PlannedDeployment): unknown {
  const { model, adapter, adapters, context, parallel, threads, cache, engine } = planned;
  const over = adapters?.map(({ digest }) => digest);
  return [model.digest, adapter?.digest, over, context, parallel, threads, cache, engine];
}

function shared<T>(
  all: Readonly<Record<string, T>>,
  others: Readonly<Record<string, T>>,
  of: (one: T, other: T) => object,
): object {
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, one]) => {
      const other = Object.hasOwn(others, name) ? others[name] : undefined;
      return other === undefined ? [] : [[name, of(one, other)]];
    }),
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
