import type { Choice, Route } from "@millwright/schema";
import type { Part } from "./draft.ts";
import type { Path } from "./located.ts";

export type Routes = Readonly<Record<string, Part<Route> | undefined>>;

/** One step of a route: where it leads, and where in the route that is written. */
export interface Link {
  readonly target: string;
  readonly path: Path;
  /** Whether another route may stand there, which is then one for all that it leads to. */
  readonly mayBeRoute: boolean;
}

/** More deployments than anybody waits for, one after the other. */
export const LONGEST_CHAIN = 64;

/** What a route says itself of who answers, in order. */
export function linksOf(route: Part<Route> | undefined): readonly Link[] {
  const { to, choose = [], split, fallback = [] } = route ?? {};
  return [
    ...linkTo(to, ["to"], false),
    ...splitLinks(split, ["split"]),
    ...choose.flatMap((choice, index) => choiceLinks(choice, ["choose", index])),
    ...fallback.flatMap((target, index) => linkTo(target, ["fallback", index], true)),
  ];
}

/** Whom a route asks besides: to judge a task, for a better answer, to compare. */
export function asidesOf(route: Part<Route> | undefined): readonly Link[] {
  const { choose = [], escalate, shadow } = route ?? {};
  return [
    ...choose.flatMap((choice, index) =>
      linkTo(choice?.classify?.by, ["choose", index, "classify", "by"], false),
    ),
    ...linkTo(escalate?.to, ["escalate", "to"], false),
    ...linkTo(shadow?.to, ["shadow", "to"], false),
  ];
}

/** What one choice says of who answers. */
export function choiceLinks(choice: Part<Choice> | undefined, at: Path): readonly Link[] {
  const labels = Object.entries(choice?.classify?.labels ?? {});
  return [
    ...linkTo(choice?.to, [...at, "to"], true),
    ...splitLinks(choice?.split, [...at, "split"]),
    ...labels.flatMap(([label, said]) =>
      linkTo(said?.to, [...at, "classify", "labels", label, "to"], true),
    ),
  ];
}

function linkTo(target: string | undefined, path: Path, mayBeRoute: boolean): readonly Link[] {
  return target === undefined ? [] : [{ target, path, mayBeRoute }];
}

function splitLinks(split: Part<Route>["split"], at: Path): readonly Link[] {
  return Object.keys(split ?? {}).flatMap((target) => linkTo(target, [...at, target], false));
}

/**
 * The deployments that answer for each route, in order: a fallback that is a route stands for its own chain, and what
 * stands twice counts where it stands first. A chain that is too long ends one after the longest. `undefined` where
 * routes fall back in a circle. Each route is walked once, so no web of them takes long and none is too deep.
 */
export function chainsOf(routes: Routes): ReadonlyMap<string, readonly string[]> | undefined {
  const chains = new Map<string, readonly string[]>();
  for (const start of Object.keys(routes)) {
    const path = chains.has(start) ? [] : [{ name: start, links: linksOf(routes[start]), next: 0 }];
    const open = new Set(path.map(({ name }) => name));
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const link = step.links[step.next];
      if (link === undefined) {
        chains.set(step.name, joined(step.links, chains));
        open.delete(step.name);
        path.pop();
      } else if (!link.mayBeRoute || !isRoute(routes, link.target) || chains.has(link.target))
        step.next += 1;
      else if (open.has(link.target)) return undefined;
      else {
        open.add(link.target);
        path.push({ name: link.target, links: linksOf(routes[link.target]), next: 0 });
      }
    }
  }
  return chains;
}

function joined(
  links: readonly Link[],
  chains: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const all = new Set<string>();
  for (const link of links) {
    for (const deployment of chainOf(link, chains)) {
      if (all.size > LONGEST_CHAIN) return [...all];
      all.add(deployment);
    }
  }
  return [...all];
}

/** The deployments that one link of a route leads to. */
export function chainOf(
  { target, mayBeRoute }: Link,
  chains: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return (mayBeRoute ? chains.get(target) : undefined) ?? [target];
}

export function isRoute(routes: Routes, name: string): boolean {
  return Object.hasOwn(routes, name);
}
