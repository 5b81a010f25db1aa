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
const told = ["blobs", "routes", "sovereignty"] as const;

function otherChanges(before: HostPlan, after: HostPlan): readonly string[] {
  const rest = (plan: HostPlan) => {
    const shared = Object.entries(plan).filter(([key]) => !told.some((each) => each === key));
    // What makes an instance another one is told with the instances.
    const deployments = Object.entries(plan.deployments).map(
      ([name, { factory, memory, upgrade, smoke }]) => [name, { factory, memory, upgrade, smoke }],
    );
    return { ...Object.fromEntries(shared), deployments: Object.fromEntries(deployments) };
  };
  const both = new Set(Object.keys(before.deployments).filter((name) => name in after.deployments));
  return differencesBetween(rest(before), rest(after))
    .map(({ path }) => path)
    .filter((path) => {
      const [top, name, field] = path.split(".");
      if (top === "factories")
        return name !== undefined && name in before.factories && name in after.factories;
      return top !== "deployments" || (both.has(name ?? "") && field !== "memory");
    });
}
