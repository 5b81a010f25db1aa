import {
  type HostName,
  type HostPlan,
  instancesOf,
  type PlannedInstance,
  parseDigest,
} from "@millwright/schema";
import { differencesBetween } from "../history/history.ts";
import type { HostBudget } from "../place/place.ts";
import type { RenderedPlan } from "../render/render.ts";
import type { HostChange, InstanceChange, RouteChange } from "./comparison.ts";
import { memoryChanges } from "./memory-changes.ts";

/** A host on one side of a change: its plan, and its memory. */
export interface HostSide {
  readonly rendered: RenderedPlan;
  readonly budget: HostBudget;
}

/** What a change does to one host. One side may be absent, not both. */
export function hostChange(
  host: HostName,
  before: HostSide | undefined,
  after: HostSide | undefined,
): HostChange {
  const [was, is] = [before?.rendered.plan, after?.rendered.plan];
  const instances = instanceChanges(was, is);
  const started = is === undefined ? 0 : instancesOf(is).length;
  const isNew = instances.filter(({ change }) => change !== "stop").length;
  return {
    host,
    change: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    ...(before !== undefined && { before: before.rendered.digest }),
    ...(after !== undefined && { after: after.rendered.digest }),
    fetch: fetched(was, is),
    instances,
    kept: started - isNew,
    memory: memoryChanges(before?.budget, after?.budget, instances),
    routes: routeChanges(was, is),
    others: was === undefined || is === undefined ? [] : otherChanges(was, is),
  };
}

function fetched(before: HostPlan | undefined, after: HostPlan | undefined): HostChange["fetch"] {
  return Object.entries(after?.blobs ?? {}).flatMap(([key, { name, size }]) => {
    const digest = parseDigest(key);
    const isThere = before !== undefined && Object.hasOwn(before.blobs, key);
    return digest === undefined || isThere ? [] : [{ digest, name, size }];
  });
}

/** An agent keeps an instance that is equal; one that is not takes the place of the one with its name and number. */
function instanceChanges(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
): readonly InstanceChange[] {
  const was = new Map((before ? instancesOf(before) : []).map((each) => [placeOf(each), each]));
  const is = new Map((after ? instancesOf(after) : []).map((each) => [placeOf(each), each]));
  const stopped = [...was.values()].filter((each) => !is.has(placeOf(each)));
  return [
    ...[...is.values()].flatMap((each): readonly InstanceChange[] => {
      const { deployment, replica } = each;
      const former = was.get(placeOf(each));
      if (former === undefined) return [{ deployment, replica, change: "start", why: [] }];
      const why = [...new Set([...Object.keys(former), ...Object.keys(each)])].filter(
        (key) => textOf(former, key) !== textOf(each, key),
      );
      const change = after?.deployments[deployment]?.upgrade ?? "beside";
      return why.length === 0 ? [] : [{ deployment, replica, change, why }];
    }),
    ...stopped.map(
      ({ deployment, replica }): InstanceChange => ({
        ...{ deployment, replica, change: "stop", why: [] },
      }),
    ),
  ];
}

function placeOf({ deployment, replica }: PlannedInstance): string {
  return `${deployment} ${replica}`;
}

function textOf(instance: PlannedInstance, key: string): string | undefined {
  return JSON.stringify(Object.entries(instance).find(([name]) => name === key)?.[1]);
}

function routeChanges(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
): readonly RouteChange[] {
  const names = new Set([
    ...Object.keys(before?.routes ?? {}),
    ...Object.keys(after?.routes ?? {}),
  ]);
  return [...names].sort().flatMap((route) => {
    const [was, is] = [before, after].map((plan) =>
      plan !== undefined && Object.hasOwn(plan.routes, route) ? (plan.routes[route]?.to ?? []) : [],
    );
    return String(was) === String(is) ? [] : [{ route, before: was ?? [], after: is ?? [] }];
  });
}

/** Told in words of their own, or shown by the labels. */
const told: ReadonlySet<string> = new Set(["blobs", "routes", "sovereignty"]);
/** What makes an instance another one is told with the instances, and its memory with the host's. */
const toldOfDeployments: ReadonlySet<string> = new Set([
  ...["model", "adapter", "instances", "context", "parallel", "threads", "cache", "memory"],
]);

/** Paths of what else differs, in what is on both sides. */
function otherChanges(before: HostPlan, after: HostPlan): readonly string[] {
  return differencesBetween(restOf(before, after), restOf(after, before)).map(({ path }) => path);
}

function restOf(plan: HostPlan, other: HostPlan): object {
  const shared = Object.entries(plan.factories).filter(([name]) => name in other.factories);
  const deployments = Object.entries(plan.deployments)
    .filter(([name]) => name in other.deployments)
    .map(([name, planned]) => [name, without(planned, toldOfDeployments)]);
  return {
    ...without(plan, told),
    factories: Object.fromEntries(shared),
    deployments: Object.fromEntries(deployments),
  };
}

function without(value: object, keys: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
}
