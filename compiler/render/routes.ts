import type { Choice, HostPlan, PlannedChoice, PlannedRoute, Route } from "@millwright/schema";
import {
  chainOf,
  chainsOf,
  choiceLinks,
  type Definitions,
  type Link,
  linksOf,
  predicateOf,
} from "../check/check.ts";
import { msOf } from "./durations.ts";

const SURE = 0.5;
const CLASSIFY_MS = 1_000;

/** Of each factory: its routes, each as all that it can lead to anywhere. */
export type RoutesByFactory = ReadonlyMap<string, readonly (readonly [string, PlannedRoute])[]>;

/** Every route as the deployments that answer it. */
export function routesByFactory({ factories }: Definitions): RoutesByFactory {
  return new Map(
    [...factories].map(([name, { value }]) => {
      const chains = chainsOf(value.routes ?? {});
      if (chains === undefined)
        throw new Error(`impossible: the routes of ${name} have passed, and go in a circle`);
      // Chains come in the order in which they were walked.
      const own = Object.entries(value.routes ?? {});
      return [
        name,
        own.map(([route, written]) => {
          const to = [...(chains.get(route) ?? [])];
          return [route, { factory: name, to, ...rulesOf(written, chains) }] as const;
        }),
      ] as const;
    }),
  );
}

type Chains = ReadonlyMap<string, readonly string[]>;

function rulesOf(
  { choose, split, fallback = [], escalate, shadow }: Route,
  chains: Chains,
): Omit<PlannedRoute, "factory" | "to"> {
  const rest = linksOf({ fallback });
  const written = choose ?? (split === undefined ? undefined : [{ split }]);
  return {
    ...(written !== undefined && {
      choose: written.map((choice, index) =>
        choiceOf(choice, choose === undefined ? "split" : `choose[${index}]`, rest, chains),
      ),
    }),
    ...(escalate !== undefined && { escalate: { ...escalate } }),
    ...(shadow !== undefined && { shadow: { ...shadow } }),
  };
}

function choiceOf(
  { when, to, split, classify }: Choice,
  rule: string,
  rest: readonly Link[],
  chains: Chains,
): PlannedChoice {
  const chain = (target: string | undefined) => {
    const links = target === undefined ? [] : choiceLinks({ to: target }, []);
    return links.length === 0 ? [] : joined([...links, ...rest], chains);
  };
  return {
    rule,
    ...(when !== undefined && { when: compiled(when) }),
    to: split === undefined ? chain(to) : joined(rest, chains),
    ...(split !== undefined && {
      split: Object.entries(split).map(([side, weight]) => ({ to: side, weight })),
    }),
    ...(classify !== undefined && {
      classify: {
        by: classify.by,
        labels: Object.entries(classify.labels).map(([name, { is, to: target }]) => ({
          ...{ name, is, to: chain(target) },
        })),
        atLeast: classify.atLeast ?? SURE,
        withinMs: msOf(classify.within) ?? CLASSIFY_MS,
      },
    }),
  };
}

function joined(links: readonly Link[], chains: Chains): string[] {
  return [...new Set(links.flatMap((link) => chainOf(link, chains)))];
}

function compiled(when: string) {
  const read = predicateOf(when);
  if (!read.ok) throw new Error(`impossible: ${when} has passed as a condition`);
  return read.predicate;
}

/**
 * Routes with at least one of their deployments here or at a neighbour, in the order of the definition. What leads to
 * none of those is left out: of several choices the next one is then taken. Who judges a task and who is tried out
 * stands here: neither is worth a way to another host.
 */
export function routesOf(
  routes: RoutesByFactory,
  here: readonly string[],
  deployments: HostPlan["deployments"],
  elsewhere: object,
): HostPlan["routes"] {
  const isHere = (name: string) => Object.hasOwn(deployments, name);
  const stands = (name: string) => isHere(name) || Object.hasOwn(elsewhere, name);
  return Object.fromEntries(
    here.flatMap((factory) =>
      [...(routes.get(factory) ?? [])].flatMap(([name, route]) => {
        const to = route.to.filter(stands);
        return to.length === 0
          ? []
          : [[name, localRoute({ ...route, to }, stands, isHere)] as const];
      }),
    ),
  );
}

function localRoute(
  { choose, escalate, shadow, ...route }: PlannedRoute,
  stands: (name: string) => boolean,
  isHere: (name: string) => boolean,
): PlannedRoute {
  const chosen = (choose ?? []).flatMap((choice) => localChoice(choice, stands, isHere));
  return {
    ...route,
    ...(chosen.length > 0 && { choose: chosen }),
    ...(escalate !== undefined && stands(escalate.to) && { escalate }),
    ...(shadow !== undefined && isHere(shadow.to) && { shadow }),
  };
}

function localChoice(
  { split, classify, to: written, ...choice }: PlannedChoice,
  stands: (name: string) => boolean,
  isHere: (name: string) => boolean,
): readonly PlannedChoice[] {
  const to = written.filter(stands);
  if (classify !== undefined) {
    const labels = classify.labels.map((label) => ({ ...label, to: label.to.filter(stands) }));
    const leads = isHere(classify.by) && labels.some((label) => label.to.length > 0);
    return leads ? [{ ...choice, to, classify: { ...classify, labels } }] : [];
  }
  const sides = split?.filter((side) => stands(side.to)) ?? [];
  if (sides.length > 0) return [{ ...choice, to, split: sides }];
  return to.length > 0 ? [{ ...choice, to }] : [];
}
