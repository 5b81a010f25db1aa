import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { isRoute, type Link, linksOf, type Routes } from "../chain.ts";
import type { Draft, Drafts } from "../draft.ts";

/** So many links of a circle are shown. */
const SHOWN = 12;

/** A route on the path that is walked, and its fallbacks that are still to be looked at. */
interface Step {
  readonly name: string;
  readonly open: Link[];
  /** How the path goes on from here. */
  onward?: Link;
}

interface Circle {
  /** The routes that make it up, the first of them when they are many. */
  readonly steps: readonly { readonly name: string; readonly onward?: Link }[];
  readonly length: number;
}

/** Who falls back to a route gets that route's fallbacks too: a circle of them would never end. */
export function fallbackCycles({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap((factory) => {
    const { routes = {} } = factory.value;
    return circlesIn(routes).map((circle) => inWords(factory, circle));
  });
}

/** The circles that a walk through all routes closes: one for each link back. No recursion, so no depth is too deep. */
function circlesIn(routes: Routes): readonly Circle[] {
  const circles: Circle[] = [];
  const done = new Set<string>();
  for (const start of Object.keys(routes)) {
    const path: Step[] = done.has(start) ? [] : [stepTo(routes, start)];
    const places = new Map<string, number>(path.map(({ name }) => [name, 0]));
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const link = step.open.pop();
      if (link === undefined) {
        done.add(step.name);
        places.delete(step.name);
        path.pop();
        continue;
      }
      step.onward = link;
      const back = places.get(link.target);
      if (back !== undefined) {
        const steps = path.slice(back, back + SHOWN).map((each) => ({ ...each }));
        circles.push({ steps, length: path.length - back });
      } else if (!done.has(link.target)) {
        places.set(link.target, path.length);
        path.push(stepTo(routes, link.target));
      }
    }
  }
  return circles;
}

function stepTo(routes: Routes, name: string): Step {
  const open = linksOf(routes[name]).filter(
    ({ target, mayBeRoute }) => mayBeRoute && isRoute(routes, target),
  );
  return { name, open: open.reverse() };
}

function inWords({ spanOf }: Draft<"factory">, { steps, length }: Circle): Diagnostic {
  const links = steps.flatMap(({ name, onward }) =>
    onward === undefined
      ? []
      : [
          {
            message: `${name} ${onward.path[0] === "fallback" ? "falls back" : "leads"} to ${onward.target}`,
            at: spanOf(["routes", name, ...onward.path]),
          },
        ],
  );
  const [first, ...others] = links;
  const start = steps[0]?.name;
  const left = length - steps.length;
  const names = [
    ...steps.map(({ name }) => name),
    ...(left > 0 ? [`${left} more`] : []),
    start,
  ].join(" → ");
  return {
    code: "check/fallback-cycle",
    severity: "error",
    message:
      length === 1
        ? `the route ${start} falls back to itself`
        : `the fallbacks of ${start} come back to it: ${names}`,
    at: first?.at,
    cure: length === 1 ? "leave it out" : "take one of these links out",
    ...(others.length > 0 && { also: others }),
  };
}
