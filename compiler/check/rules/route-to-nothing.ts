import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import { type Link, linksOf } from "../chain.ts";
import type { Draft, Drafts } from "../draft.ts";
import { didYouMean } from "../nearest.ts";

/** A route leads to deployments of its own factory, and falls back to these or to other routes of it. */
export function routesToNothing({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap((factory) => {
    const deployments = factory.keysAt(["deployments"]);
    const routes = factory.keysAt(["routes"]);
    if (deployments === undefined || routes === undefined) return [];
    const known = { deployments: new Set(deployments), routes: new Set(routes) };
    return Object.entries(factory.value.routes ?? {}).flatMap(([name, route]) =>
      linksOf(route).flatMap((link): Diagnostic[] => {
        const { target, path } = link;
        if (known.deployments.has(target)) return [];
        if (path[0] === "fallback" && known.routes.has(target)) return [];
        const at = factory.spanOf(["routes", name, ...path]);
        // A route that falls back to itself is what nobody means.
        const others = { ...known, routes: known.routes.difference(new Set([name])) };
        return [toNothing(factory, link, at, others, factories)];
      }),
    );
  });
}

function toNothing(
  factory: Draft<"factory">,
  { target, path: [field] }: Link,
  at: Span,
  known: { readonly deployments: ReadonlySet<string>; readonly routes: ReadonlySet<string> },
  factories: readonly Draft<"factory">[],
): Diagnostic {
  const common = { code: "check/route-to-nothing", severity: "error", at } as const;
  const takes = field === "to" ? "deployment" : "deployment or route";
  const of = factory.name === undefined ? "the factory" : `the factory ${factory.name}`;
  if (field === "to" && known.routes.has(target)) {
    return {
      ...common,
      message: `to takes a deployment; ${target} is a route`,
      cure: "name a deployment here, and the route as a fallback",
      also: [{ message: "the route", at: factory.spanOf(["routes", target], "key") }],
    };
  }
  const elsewhere = factories.find(
    (other) => other !== factory && other.keysAt(["deployments"])?.includes(target),
  );
  return {
    ...common,
    message: `${of} has no ${takes} ${target}`,
    cure: didYouMean(
      target,
      field === "to" ? known.deployments : [...known.deployments, ...known.routes],
    ),
    ...(elsewhere !== undefined && {
      cure: `deploy it in ${factory.name ?? "this factory"} too: a route leads to its own factory`,
      also: [
        {
          message: `a deployment of ${elsewhere.name ?? "another factory"}`,
          at: elsewhere.spanOf(["deployments", target], "key"),
        },
      ],
    }),
  };
}
