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

/** Propagates labels along edges until nothing changes: one pass, when edges come in the order of the flow. */
export function fixpointOf({ places, edges }: Graph): Fixpoint {
  const labels = newLabels();
  const label = new Int32Array(places.length).fill(NONE);
  const redacted = new Int32Array(places.length).fill(NONE);
  places.forEach((place, index) => {
    if (place.kind !== "data") return;
    label[index] = labels.numberOf(place.label);
    redacted[index] = labels.numberOf(place.redacted);
  });
  const raised = (before: number, by: number): number =>
    before === NONE || before === by ? by : labels.join(before, by);
  // What leads on from a place has to be looked at again once the place is stricter.
  const passed = new Uint8Array(places.length);
  for (let again = true; again; ) {
    again = false;
    for (const { from, to, redacts } of edges) {
      passed[from] = 1;
      const clean = redacted[from] ?? NONE;
      const carried = redacts ? clean : (label[from] ?? NONE);
      if (clean === NONE || carried === NONE) continue;
      const was = label[to] ?? NONE;
      const wasRedacted = redacted[to] ?? NONE;
      const is = raised(was, carried);
      const isRedacted = raised(wasRedacted, clean);
      if (is === was && isRedacted === wasRedacted) continue;
      label[to] = is;
      redacted[to] = isRedacted;
      if (passed[to] === 1) again = true;
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

/** Every edge held against the place that it leads to; what one label and one demand say of each other is found once. */
export function breachesOf(
  { places, edges, withdrawn }: Graph,
  { labels, label, redacted }: Fixpoint,
): readonly Breach[] {
  const verdicts = new Map<FlowDemand, (readonly Rule[] | undefined)[]>();
  const verdictsAt = places.map(({ demand }) => {
    const known = verdicts.get(demand) ?? [];
    verdicts.set(demand, known);
    return { demand, known };
  });
  const breaches: Breach[] = [];
  let index = -1;
  for (const { from, to, redacts } of edges) {
    index += 1;
    const number = (redacts ? redacted[from] : label[from]) ?? NONE;
    const there = verdictsAt[to];
    if (number === NONE || there === undefined) continue;
    let broken = there.known[number];
    if (broken === undefined) {
      broken = brokenRules(labelOf(labels.all, number), there.demand, withdrawn);
      there.known[number] = broken;
    }
    if (broken.length > 0) for (const rule of broken) breaches.push({ edge: index, rule });
  }
  return breaches;
}
