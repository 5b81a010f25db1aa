import { type Diagnostic, type Suggestions, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import { asidesOf, type Link, linksOf } from "../chain.ts";
import type { Draft, Drafts } from "../draft.ts";
import type { Path } from "../located.ts";

type Factory = Draft<"factory">;

/** A route leads to deployments of its own factory, and falls back to these or to other routes of it. */
export function routesToNothing({ factories }: Drafts): readonly Diagnostic[] {
  const homes = homesOf(factories);
  return factories.flatMap((factory) => {
    const targets = targetsOf(factory);
    if (targets === undefined) return [];
    const { deployments, routes } = targets;
    return Object.entries(factory.value.routes ?? {}).flatMap(([name, route]) =>
      [...linksOf(route), ...asidesOf(route)].flatMap((link) => {
        const { target, mayBeRoute } = link;
        if (deployments.has(target)) return [];
        if (!mayBeRoute || !routes.has(target))
          return [toNothing(factory, name, link, targets, homes)];
        return toChooser(factory, name, link);
      }),
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

/** The word for where a link stands: `to`, `split`, `escalate.to`. */
function fieldOf(path: Path): string {
  const [first, second, third, ...rest] = path;
  if (first === "split" || third === "split") return "split";
  if (first !== "choose") return second === "to" ? `${first}.to` : String(first);
  return third === "classify" && rest.includes("by") ? "classify.by" : "to";
}

/** Rules decide once: what they lead to decides nothing any more. */
function toChooser(
  { value, spanOf }: Factory,
  route: string,
  { target, path }: Link,
): readonly Diagnostic[] {
  const { choose, split } = value.routes?.[target] ?? {};
  if (choose === undefined && split === undefined) return [];
  return [
    {
      code: "check/route-to-chooser",
      severity: "error",
      message: `${target} ${choose === undefined ? "splits" : "chooses"}; a route leads to routes that do neither`,
      at: spanOf(["routes", route, ...path]),
      cure: "name one of the deployments that it leads to",
      also: [{ message: "the route", at: spanOf(["routes", target], "key") }],
    },
  ];
}

function toNothing(
  factory: Factory,
  route: string,
  { target, path, mayBeRoute }: Link,
  { routes, near, nearDeployment }: Targets,
  homes: ReadonlyMap<string, Factory>,
): Diagnostic {
  const field = fieldOf(path);
  const at = factory.spanOf(["routes", route, ...path], path.includes("split") ? "key" : "value");
  const common = { code: "check/route-to-nothing", severity: "error", at } as const;
  if (!mayBeRoute && routes.has(target)) {
    return {
      ...common,
      message: `${field} takes a deployment; ${target} is a route`,
      cure: "name a deployment here, and the route as a fallback",
      also: [{ message: "the route", at: factory.spanOf(["routes", target], "key") }],
    };
  }
  const takes = mayBeRoute ? "deployment or route" : "deployment";
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
  const meant = mayBeRoute ? near.nearest(target) : undefined;
  // That it falls back to itself is what nobody means.
  const cure =
    meant === undefined || meant === route
      ? nearDeployment.didYouMean(target)
      : `did you mean ${meant}?`;
  return { ...common, message, cure };
}
