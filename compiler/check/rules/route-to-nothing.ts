import { type Diagnostic, type Suggestions, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import { type Link, linksOf } from "../chain.ts";
import type { Draft, Drafts } from "../draft.ts";

type Factory = Draft<"factory">;

/** A route leads to deployments of its own factory, and falls back to these or to other routes of it. */
export function routesToNothing({ factories }: Drafts): readonly Diagnostic[] {
  const homes = homesOf(factories);
  return factories.flatMap((factory) => {
    const targets = targetsOf(factory);
    if (targets === undefined) return [];
    const { deployments, routes } = targets;
    return Object.entries(factory.value.routes ?? {}).flatMap(([name, route]) =>
      linksOf(route)
        .filter(({ target, path }) => {
          const mayBeRoute = path[0] === "fallback";
          return !deployments.has(target) && !(mayBeRoute && routes.has(target));
        })
        .map((link) => toNothing(factory, name, link, targets, homes)),
    );
  });
}

/** Which factory deploys what. */
function homesOf(factories: readonly Factory[]): ReadonlyMap<string, Factory> {
  const homes = new Map<string, Factory>();
  for (const factory of factories)
    for (const name of factory.keysAt(["deployments"]) ?? [])
      if (!homes.has(name)) homes.set(name, factory);
  return homes;
}

interface Targets {
  readonly deployments: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
  readonly nearDeployment: Suggestions;
  readonly near: Suggestions;
}

/** What routes of a factory may lead to; `undefined` where nobody can tell. */
function targetsOf({ keysAt }: Factory): Targets | undefined {
  const [deployments, routes] = [keysAt(["deployments"]), keysAt(["routes"])];
  if (deployments === undefined || routes === undefined) return undefined;
  return {
    deployments: new Set(deployments),
    routes: new Set(routes),
    nearDeployment: suggestionsFrom(deployments),
    near: suggestionsFrom([...deployments, ...routes]),
  };
}

function toNothing(
  factory: Factory,
  route: string,
  { target, path }: Link,
  { routes, near, nearDeployment }: Targets,
  homes: ReadonlyMap<string, Factory>,
): Diagnostic {
  const [field] = path;
  const at = factory.spanOf(["routes", route, ...path]);
  const common = { code: "check/route-to-nothing", severity: "error", at } as const;
  if (field === "to" && routes.has(target)) {
    return {
      ...common,
      message: `to takes a deployment; ${target} is a route`,
      cure: "name a deployment here, and the route as a fallback",
      also: [{ message: "the route", at: factory.spanOf(["routes", target], "key") }],
    };
  }
  const takes = field === "to" ? "deployment" : "deployment or route";
  const of = factory.name === undefined ? "the factory" : `the factory ${factory.name}`;
  const message = `${of} has no ${takes} ${target}`;
  const home = homes.get(target);
  if (home !== undefined) {
    return {
      ...common,
      message,
      cure: `deploy it in ${factory.name ?? "this factory"} too: a route leads to its own factory`,
      also: [
        {
          message: `a deployment of ${home.name ?? "another factory"}`,
          at: home.spanOf(["deployments", target], "key"),
        },
      ],
    };
  }
  const meant = field === "to" ? undefined : near.nearest(target);
  // That it falls back to itself is what nobody means.
  const cure =
    meant === undefined || meant === route
      ? nearDeployment.didYouMean(target)
      : `did you mean ${meant}?`;
  return { ...common, message, cure };
}
