import { classifications, type FlowDemand, type FlowLabel, purposes } from "@millwright/schema";

/** Labels by number, so that a hundred thousand edges hold them against one another without reading them. */
export interface Labels {
  /** In the order of their numbers. */
  readonly all: readonly FlowLabel[];
  numberOf(label: FlowLabel): number;
  /** Of the label that is at least as strict as both, and no stricter. */
  join(one: number, other: number): number;
}

export function newLabels(): Labels {
  const all: FlowLabel[] = [];
  const numbers = new Map<string, number>();
  const joined: (number[] | undefined)[] = [];
  const numberOf = (label: FlowLabel): number => {
    const key = JSON.stringify(label);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, all.length);
    return all.push(label) - 1;
  };
  return {
    all,
    numberOf,
    join(one, other) {
      if (one === other) return one;
      const row = joined[one] ?? [];
      joined[one] = row;
      const known = row[other];
      if (known !== undefined) return known;
      const number = numberOf(joinOf(labelOf(all, one), labelOf(all, other)));
      row[other] = number;
      return number;
    },
  };
}

export function labelOf(all: readonly FlowLabel[], number: number): FlowLabel {
  const label = all[number];
  if (label === undefined) throw new Error(`impossible: there is no label ${number}`);
  return label;
}

/** A label written in one way only: lists in order, without what limits nothing. */
export function labelWith(fields: {
  readonly classification: FlowLabel["classification"];
  readonly residency?: Iterable<string> | undefined;
  readonly purposes: Iterable<string>;
  readonly retentionMs?: number | undefined;
  readonly redact?: boolean;
  readonly consent?: Iterable<string> | undefined;
}): FlowLabel {
  const { classification, residency, retentionMs, redact } = fields;
  const allowed = new Set(fields.purposes);
  const consent = [...new Set(fields.consent)].sort();
  return {
    classification,
    ...(residency !== undefined && { residency: [...new Set(residency)].sort() }),
    purposes: purposes.filter((purpose) => allowed.has(purpose)),
    ...(retentionMs !== undefined && { retentionMs }),
    ...(redact === true && { redact }),
    ...(consent.length > 0 && { consent }),
  };
}

/** The lattice (Denning, 1976): the highest class, the common regions and purposes, the shortest time, all consents. */
export function joinOf(one: FlowLabel, other: FlowLabel): FlowLabel {
  const common = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : a.filter((item) => b.includes(item));
  const times = [one.retentionMs, other.retentionMs].filter((time) => time !== undefined);
  return labelWith({
    classification: levelOf(one) > levelOf(other) ? one.classification : other.classification,
    residency: common(one.residency, other.residency),
    purposes: common(one.purposes, other.purposes) ?? [],
    retentionMs: times.length === 0 ? undefined : Math.min(...times),
    redact: one.redact === true || other.redact === true,
    consent: [...(one.consent ?? []), ...(other.consent ?? [])],
  });
}

function levelOf({ classification }: Pick<FlowLabel, "classification">): number {
  return classifications.indexOf(classification);
}

/** The rules by which a label and a place can disagree. */
const rules = [
  "classification",
  "residency",
  "purpose",
  "retention",
  "redaction",
  "consent",
] as const;
export type Rule = (typeof rules)[number];

/** The rules that forbid that data with this label comes to a place that asks this. */
export function brokenRules(
  label: FlowLabel,
  demand: FlowDemand,
  withdrawn: ReadonlySet<string>,
): readonly Rule[] {
  const { residency, retentionMs = Infinity, redact, consent } = label;
  const { classification, regions, purposes: uses, keepMs = 0, away } = demand;
  // A place that nobody has told where it is may be anywhere.
  const outside = (allowed: readonly string[]) =>
    regions?.length === 0 || regions?.some((region) => !allowed.includes(region));
  const broken: Readonly<Record<Rule, boolean | undefined>> = {
    classification: classification !== undefined && levelOf(label) > levelOf({ classification }),
    residency: residency !== undefined && outside(residency),
    purpose: uses?.some((use) => !label.purposes.includes(use)),
    retention: keepMs > retentionMs,
    redaction: away === true && redact === true,
    consent: consent?.some((each) => withdrawn.has(each)),
  };
  return rules.filter((rule) => broken[rule] === true);
}
