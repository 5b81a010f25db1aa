import type { FlowDemand, FlowLabel, FlowNode } from "@millwright/schema";
import { brokenRules, type Labels, labelOf, newLabels, type Rule } from "./labels.ts";

/** Places, and ways between them. */
export interface Graph {
  readonly places: readonly Place[];
  readonly edges: readonly FlowEdge[];
  /** Consents that are no more. */
  readonly withdrawn: ReadonlySet<string>;
}

/** Somewhere data comes from, goes through, or ends. */
export type Place = { readonly name: string; readonly demand: FlowDemand } & (
  | { readonly kind: "data"; readonly label: FlowLabel; readonly redacted: FlowLabel }
  | { readonly kind: Exclude<FlowNode["kind"], "data"> }
);

export interface FlowEdge {
  /** Indices into `places`. */
  readonly from: number;
  readonly to: number;
  /** Personal data is taken out on the way. */
  readonly redacts: boolean;
}

/** The labels of all places: no edge would make any of them stricter. */
export interface Fixpoint {
  readonly labels: Labels;
  /** Numbers of labels, by place: as data is there, and as it is once redacted. -1 where no data comes. */
  readonly label: Int32Array;
  readonly redacted: Int32Array;
}

const NONE = -1;

/** Propagates labels along edges until nothing changes: one pass and one to see it, when edges come in the order of the flow. */
export function fixpointOf({ places, edges }: Graph): Fixpoint {
  const labels = newLabels();
  const label = new Int32Array(places.length).fill(NONE);
  const redacted = new Int32Array(places.length).fill(NONE);
  for (const [index, place] of places.entries()) {
    if (place.kind !== "data") continue;
    label[index] = labels.numberOf(place.label);
    redacted[index] = labels.numberOf(place.redacted);
  }
  const raise = (all: Int32Array, at: number, by: number): boolean => {
    const before = all[at] ?? NONE;
    const after = before === NONE ? by : labels.join(before, by);
    all[at] = after;
    return after !== before;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to, redacts } of edges) {
      const raw = label[from] ?? NONE;
      const clean = redacted[from] ?? NONE;
      if (raw === NONE || clean === NONE) continue;
      const raised = raise(label, to, redacts ? clean : raw);
      if (raise(redacted, to, clean) || raised) changed = true;
    }
  }
  return { labels, label, redacted };
}

/** An edge that brings data where it may not be. */
export interface Breach {
  /** An index into `edges`. */
  readonly edge: number;
  readonly rule: Rule;
}

/** Every edge held against the place that it leads to; what one label and one place say of each other is found once. */
export function breachesOf(
  { places, edges, withdrawn }: Graph,
  { labels, label, redacted }: Fixpoint,
): readonly Breach[] {
  const known = new Map<FlowDemand, (readonly Rule[])[]>();
  const breaches: Breach[] = [];
  for (const [index, { from, to, redacts }] of edges.entries()) {
    const number = (redacts ? redacted : label)[from] ?? NONE;
    const demand = places[to]?.demand;
    if (number === NONE || demand === undefined) continue;
    let rules = known.get(demand);
    if (rules === undefined) {
      rules = [];
      known.set(demand, rules);
    }
    const broken = rules[number] ?? brokenRules(labelOf(labels.all, number), demand, withdrawn);
    rules[number] = broken;
    for (const rule of broken) breaches.push({ edge: index, rule });
  }
  return breaches;
}
