import { type Diagnostic, listed } from "../../diagnostic/diagnostic.ts";
import { chainOf, chainsOf, isRoute, linksOf } from "../chain.ts";
import type { Draft, Drafts } from "../draft.ts";
import type { Path } from "../located.ts";

/** A fallback is tried after all that stands before it: what has been tried already is never reached again. */
export function unreachable({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap((factory) => {
    const chains = chainsOf(factory.value.routes ?? {});
    return chains === undefined
      ? []
      : [...chains.keys()].flatMap((name) => unreachableIn(factory, name, chains));
  });
}

function unreachableIn(
  { value: { routes = {} }, spanOf }: Draft<"factory">,
  name: string,
  chains: ReadonlyMap<string, readonly string[]>,
): readonly Diagnostic[] {
  /** Which link brings a deployment first. */
  const tried = new Map<string, Path>();
  // Of several choices one is taken: what another one leads to has not been tried.
  const links = linksOf(routes[name]).filter(({ path }) => path[0] !== "choose");
  return links.flatMap((link): Diagnostic[] => {
    const { target, path } = link;
    const chain = chainOf(link, chains);
    const earlier = new Set(chain.map((deployment) => tried.get(deployment)));
    for (const deployment of chain) if (!tried.has(deployment)) tried.set(deployment, path);
    if (earlier.size === 0 || earlier.has(undefined)) return [];
    const leads = link.mayBeRoute && isRoute(routes, target);
    return [
      {
        code: "check/unreachable",
        severity: "warning",
        message: leads
          ? `this fallback of ${name} is never reached: what ${target} leads to (${listed(chain)}) is tried before it`
          : `this fallback of ${name} is never reached: ${target} is tried before it`,
        at: spanOf(["routes", name, ...path]),
        cure: "leave it out, or name another one",
        also: [...earlier].flatMap((place) =>
          place === undefined
            ? []
            : [{ message: "tried here", at: spanOf(["routes", name, ...place]) }],
        ),
      },
    ];
  });
}
