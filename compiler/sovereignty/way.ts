import type { FlowEdge } from "./fixpoint.ts";
import type { Flow, FlowPlace } from "./graph.ts";
import type { Rule } from "./labels.ts";
import { brokenRules } from "./labels.ts";

/** The way of some data to a place where it may not be. */
export interface Way {
  /** Where it comes from: the nearest data that breaks the rule all by itself. */
  readonly source: DataPlace;
  /** From the first place to the last. */
  readonly places: readonly FlowPlace[];
  readonly edges: readonly FlowEdge[];
  /** Whether personal data has been taken out on the way. */
  readonly redacted: boolean;
}

export type DataPlace = Extract<FlowPlace, { readonly kind: "data" }>;

/** One step back on the way: a place, and the edge that leads on from it. */
interface Step {
  readonly at: number;
  readonly redacted: boolean;
  readonly edge: FlowEdge;
  readonly next: Step | undefined;
}

/** Finds the shortest way to the end of an edge, from data whose label is what breaks the rule there. */
export function shortestWay(
  { places, withdrawn }: Pick<Flow, "places" | "withdrawn">,
  leadingTo: (place: number) => readonly FlowEdge[],
  { edge, rule }: { readonly edge: FlowEdge; readonly rule: Rule },
): Way {
  const demand = places[edge.to]?.demand ?? {};
  const first: Step = { at: edge.from, redacted: edge.redacts, edge, next: undefined };
  let front: readonly Step[] = [first];
  const seen = new Set([`${first.at} ${first.redacted}`]);
  while (front.length > 0) {
    for (const step of front) {
      const place = places[step.at];
      if (place?.kind !== "data") continue;
      const label = step.redacted ? place.redacted : place.label;
      if (brokenRules(label, demand, withdrawn).includes(rule)) return wayOf(places, place, step);
    }
    front = front.flatMap((step) =>
      leadingTo(step.at).flatMap((before): Step[] => {
        const redacted = step.redacted || before.redacts;
        const key = `${before.from} ${redacted}`;
        if (seen.has(key)) return [];
        seen.add(key);
        return [{ at: before.from, redacted, edge: before, next: step }];
      }),
    );
  }
  throw new Error(`impossible: a joined label breaks ${rule} and none of its parts does`);
}

function wayOf(places: Flow["places"], source: DataPlace, start: Step): Way {
  const edges: FlowEdge[] = [];
  for (let step: Step | undefined = start; step !== undefined; step = step.next)
    edges.push(step.edge);
  const ends = edges.flatMap(({ to }) => places[to] ?? []);
  return { source, places: [source, ...ends], edges, redacted: start.redacted };
}
