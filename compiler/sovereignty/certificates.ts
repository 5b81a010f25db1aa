import { type Certificate, graphDigest, SOVEREIGNTY_RULES } from "@millwright/schema";
import { type Fixpoint, type FlowEdge, fixpointOf, type Graph } from "./fixpoint.ts";
import type { Flow } from "./graph.ts";
import { labelOf } from "./labels.ts";

/** Shows what has been proved of a flow, so that others can see it for themselves. */
export function certificateOf(
  { places, edges, withdrawn }: Graph,
  { labels, label, redacted }: Fixpoint,
): Certificate {
  const used = numbering<number>();
  const demands = numbering<string>();
  const nodes = places.map(({ kind, name, demand }, index) => ({
    kind,
    name,
    label: used.of(label[index] ?? -1),
    redacted: used.of(redacted[index] ?? -1),
    demand: demands.of(JSON.stringify(demand)),
  }));
  const written = used.all().map((number) => labelOf(labels.all, number));
  const asked = new Map(places.map(({ demand }) => [JSON.stringify(demand), demand]));
  const graph = {
    labels: written,
    demands: demands.all().map((key) => asked.get(key) ?? {}),
    nodes,
    edges: edges.map(({ from, to, redacts }): Certificate["edges"][number] => [
      from,
      to,
      redacts ? 1 : 0,
    ]),
    // Where nothing hangs on a consent, no withdrawal is any of its business.
    withdrawn: written.some(({ consent }) => consent !== undefined) ? [...withdrawn].sort() : [],
  };
  return { rules: SOVEREIGNTY_RULES, graph: graphDigest(graph), ...graph };
}

/** Numbers things in the order in which they are first asked for. */
function numbering<T>(): { of(thing: T): number; all(): readonly T[] } {
  const numbers = new Map<T, number>();
  return {
    of(thing) {
      const number = numbers.get(thing) ?? numbers.size;
      numbers.set(thing, number);
      return number;
    },
    all: () => [...numbers.keys()],
  };
}

/** The certificate of the part of a flow that one host sees: what comes to it, and what goes from it. */
export function certificates(flow: Flow): (host: string) => Certificate | undefined {
  const leads = Map.groupBy(flow.edges, ({ to }) => to);
  const goes = Map.groupBy(flow.edges, ({ from }) => from);
  return (host) => {
    const instances = flow.onHost.get(host);
    if (instances === undefined) return undefined;
    const edges: FlowEdge[] = [];
    const seen = new Set<number>();
    const before = (place: number): void => {
      if (seen.has(place)) return;
      seen.add(place);
      for (const edge of leads.get(place) ?? []) {
        before(edge.from);
        edges.push(edge);
      }
    };
    for (const instance of instances) before(instance);
    for (const instance of instances) edges.push(...(goes.get(instance) ?? []));
    const part = partOf(flow, edges);
    return certificateOf(part, fixpointOf(part));
  };
}

/** Some edges of a flow, with only the places at their ends. */
function partOf({ places, withdrawn }: Flow, edges: readonly FlowEdge[]) {
  const numbers = numbering<number>();
  const own = edges.map(({ from, to, redacts }) => ({
    from: numbers.of(from),
    to: numbers.of(to),
    redacts,
  }));
  const kept = numbers.all().flatMap((index) => places[index] ?? []);
  return { places: kept, edges: own, withdrawn };
}
