/** Flows made by chance, and an oracle that follows every single way through them. */
import {
  type Certificate,
  classifications,
  type FlowDemand,
  type FlowLabel,
  graphDigest,
  purposes,
} from "@millwright/schema";
import fc from "fast-check";

const regions = ["ch", "de", "fr", "us"];
const consents = ["terms-1", "terms-2"];

const some = <T extends string>(all: readonly T[]) => fc.subarray([...all]);
/** Mostly nothing, so that about as much is allowed as is not. */
const maybe = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });

export const labels: fc.Arbitrary<FlowLabel> = fc
  .record({
    classification: fc.constantFrom(...classifications),
    residency: maybe(some(regions)),
    purposes: some(purposes),
    retentionMs: maybe(fc.integer({ min: 1, max: 4 })),
    redact: maybe(fc.constant(true as const)),
    consent: maybe(some(consents)),
  })
  .map(withoutAbsent);

export const demands: fc.Arbitrary<FlowDemand> = fc
  .record({
    classification: maybe(fc.constantFrom(...classifications)),
    regions: maybe(fc.subarray(regions, { maxLength: 1 })),
    purposes: maybe(fc.subarray([...purposes], { maxLength: 1 })),
    keepMs: maybe(fc.integer({ min: 0, max: 4 })),
    away: maybe(fc.constant(true as const)),
  })
  .map(withoutAbsent);

function withoutAbsent<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as T;
}

/** Names the graph as it is now: what a forger would do, who can compute digests like everybody. */
export function redigested(certificate: Certificate): Certificate {
  return { ...certificate, graph: graphDigest(certificate) };
}

/** Whether some data comes to a place that forbids it, by following each way of each data to its end. */
export function leaks({ nodes, edges, labels, demands, withdrawn }: Certificate): boolean {
  const follow = (at: number, label: FlowLabel, redacted: FlowLabel): boolean =>
    edges.some(([from, to, redacts]) => {
      if (from !== at) return false;
      const carried = redacts === 1 ? redacted : label;
      return (
        forbids(demands[nodes[to]?.demand ?? -1] ?? {}, carried, withdrawn) ||
        follow(to, carried, redacted)
      );
    });
  return nodes.some((node, index) => {
    const [label, redacted] = [labels[node.label], labels[node.redacted]];
    return node.kind === "data" && label && redacted && follow(index, label, redacted);
  });
}

function forbids(demand: FlowDemand, label: FlowLabel, withdrawn: readonly string[]): boolean {
  const level = (classification: FlowLabel["classification"]) =>
    classifications.indexOf(classification);
  const tooSecret =
    demand.classification !== undefined &&
    level(label.classification) > level(demand.classification);
  const abroad =
    label.residency !== undefined &&
    demand.regions !== undefined &&
    (demand.regions.length === 0 || !new Set(demand.regions).isSubsetOf(new Set(label.residency)));
  const misused = (demand.purposes ?? []).some((use) => !label.purposes.includes(use));
  const keptLong =
    label.retentionMs !== undefined &&
    demand.keepMs !== undefined &&
    demand.keepMs > label.retentionMs;
  const raw = demand.away === true && label.redact === true;
  const gone = (label.consent ?? []).some((consent) => withdrawn.includes(consent));
  return tooSecret || abroad || misused || keptLong || raw || gone;
}

type Forgery = (certificate: Certificate) => Certificate;

/** One thing in a certificate, changed: a label, a demand, an edge, what a place is, what is withdrawn. */
export const forgeries: fc.Arbitrary<Forgery> = fc.oneof(
  fc.tuple(fc.nat(), labels).map(
    ([at, label]): Forgery =>
      (one) => ({ ...one, labels: one.labels.with(at % one.labels.length, label) }),
  ),
  fc.tuple(fc.nat(), demands).map(
    ([at, demand]): Forgery =>
      (one) => ({ ...one, demands: one.demands.with(at % one.demands.length, demand) }),
  ),
  fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("label", "redacted", "demand")).map(
    ([at, to, field]): Forgery =>
      (one) => {
        const index = at % one.nodes.length;
        const limit = field === "demand" ? one.demands.length : one.labels.length;
        const node = one.nodes[index];
        if (node === undefined) return one;
        return { ...one, nodes: one.nodes.with(index, { ...node, [field]: to % limit }) };
      },
  ),
  fc.nat().map(
    (at): Forgery =>
      (one) => {
        const index = at % one.edges.length;
        const [from, to, redacts] = one.edges[index] ?? [0, 0, 0];
        return { ...one, edges: one.edges.with(index, [from, to, redacts === 1 ? 0 : 1]) };
      },
  ),
  fc.tuple(fc.nat(), fc.nat()).map(
    ([at, other]): Forgery =>
      (one) => {
        const index = at % one.edges.length;
        const [from, , redacts] = one.edges[index] ?? [0, 0, 0];
        // Only forwards: the oracle follows every way, and a circle has no end.
        const to = from + 1 + (other % Math.max(1, one.nodes.length - from - 1));
        return to < one.nodes.length && one.nodes[to]?.kind !== "data"
          ? { ...one, edges: one.edges.with(index, [from, to, redacts]) }
          : one;
      },
  ),
  fc.constant<Forgery>((one) => ({ ...one, withdrawn: ["terms-1", "terms-2"] })),
);
