/**
 * The independent checker of certificates: it shares no code with the compiler that made them, and looks at each edge once.
 * Labels need not be found, only held against one another: that everything downstream is at least as strict, and that
 * nothing arrives where it may not be.
 */
import { classifications } from "../author/author.ts";
import { type Certificate, type FlowDemand, type FlowLabel, graphDigest } from "./certificate.ts";
import { SOVEREIGNTY_RULES } from "./rules.ts";

/** More are not told: one is enough to refuse. */
const MOST = 20;

/** What is wrong with a certificate, in words; nothing when it holds. Of a `Certificate` that its schema has taken. */
export function certificateFaults(certificate: Certificate): readonly string[] {
  const { rules, graph, labels, demands, nodes, edges, withdrawn } = certificate;
  if (rules !== SOVEREIGNTY_RULES)
    return [`it holds to the rules ${rules}, not ${SOVEREIGNTY_RULES}`];
  if (graph !== graphDigest(certificate)) return ["its graph is not the one that it names"];
  const faults: string[] = [];
  const gone = new Set(withdrawn);
  const reached = new Set<number>();
  for (const [from, to, redacts] of edges) {
    if (faults.length >= MOST) break;
    const [source, sink] = [nodes[from], nodes[to]];
    const label = source && labels[source.label];
    const redacted = source && labels[source.redacted];
    const there = sink && labels[sink.label];
    const thereRedacted = sink && labels[sink.redacted];
    const demand = sink && demands[sink.demand];
    if (!source || !sink || !label || !redacted || !there || !thereRedacted || !demand)
      return [`the edge ${from} → ${to} leads to nothing`];
    reached.add(to);
    const flow = redacts === 1 ? redacted : label;
    const way = `${source.name} → ${sink.name}`;
    if (!isAsStrict(there, flow) || !isAsStrict(thereRedacted, redacted))
      faults.push(`${way}: the label is lost on the way`);
    const breach = breachOf(demand, flow, gone);
    if (breach !== undefined) faults.push(`${way}: ${breach}`);
  }
  for (const [index, { kind, name }] of nodes.entries())
    if (faults.length < MOST && kind !== "data" && !reached.has(index))
      faults.push(`nothing says what data is in ${name}`);
  return faults;
}

/** Whether nothing is allowed to the one that is not allowed to the other. */
function isAsStrict(one: FlowLabel, other: FlowLabel): boolean {
  return (
    levelOf(one) >= levelOf(other) &&
    (other.residency === undefined ||
      (one.residency !== undefined && isWithin(one.residency, other.residency))) &&
    isWithin(one.purposes, other.purposes) &&
    (one.retentionMs ?? Infinity) <= (other.retentionMs ?? Infinity) &&
    (one.redact === true || other.redact !== true) &&
    isWithin(other.consent ?? [], one.consent ?? [])
  );
}

/** Why data with this label may not come to a place that asks this; `undefined` when it may. */
function breachOf(
  demand: FlowDemand,
  label: FlowLabel,
  withdrawn: ReadonlySet<string>,
): string | undefined {
  const { classification, regions, purposes = [], keepMs = 0, away = false } = demand;
  if (classification !== undefined && levelOf(label) > levelOf({ classification }))
    return `${label.classification} data, where no more than ${classification} may be`;
  if (regions !== undefined && label.residency !== undefined)
    if (regions.length === 0 || !isWithin(regions, label.residency))
      return `data of ${label.residency.join(", ")} in ${regions.join(", ") || "an unknown region"}`;
  if (!isWithin(purposes, label.purposes)) return `data that may not be used to ${purposes.join()}`;
  if (keepMs > (label.retentionMs ?? Infinity)) return "data that is kept too long";
  if (away && label.redact === true) return "data that leaves the host unredacted";
  if (label.consent?.some((consent) => withdrawn.has(consent))) return "data whose consent is gone";
  return undefined;
}

function levelOf({ classification }: Pick<FlowLabel, "classification">): number {
  return classifications.indexOf(classification);
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}
