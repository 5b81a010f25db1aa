import { type Diagnostic, type Span, shown } from "../diagnostic/diagnostic.ts";
import { type Breach, breachesOf, type Fixpoint } from "./fixpoint.ts";
import type { Flow, FlowPlace } from "./graph.ts";
import type { Rule } from "./labels.ts";
import { saidOf } from "./leak-text.ts";
import { shortestWay, type Way } from "./way.ts";

/** More ways than these are not looked for: their ends are in the same definitions. */
const MOST_WAYS = 200;

/** What leaks, each rule and pair of definitions once, with its shortest way and the number of the others. */
export function leaksOf(flow: Flow, fixpoint: Fixpoint): readonly Diagnostic[] {
  const breaches = breachesOf(flow, fixpoint);
  if (breaches.length === 0) return [];
  const leads = Map.groupBy(flow.edges, ({ to }) => to);
  const leadingTo = (place: number) => leads.get(place) ?? [];
  const bySink = Map.groupBy(breaches, (breach) => sinkKey(flow, breach));
  const ways = [...bySink.values()].slice(0, MOST_WAYS).flatMap((same) => {
    const [{ edge: index, rule } = { edge: -1, rule: "residency" as const }] = same;
    const edge = flow.edges[index];
    if (edge === undefined) return [];
    return [{ rule, way: shortestWay(flow, leadingTo, { edge, rule }), others: same.length - 1 }];
  });
  // Withdrawn data breaks its rule wherever it comes: the first place is the one to change.
  const told = new Set<string>();
  return ways.flatMap(({ rule, way, others }) => {
    const key = `${rule} ${way.source.name} ${rule === "consent" ? "" : definitionOf(rule, way.places.at(-1))}`;
    if (told.has(key)) return [];
    told.add(key);
    return [leak(rule, way, others, flow)];
  });
}

function leak(rule: Rule, way: Way, others: number, { withdrawn }: Flow): Diagnostic {
  const { fact, cure } = saidOf(rule, way, withdrawn);
  const { dataset } = way.source;
  const path = way.places.map(({ name }) => name).join(" → ");
  const more = others === 0 ? "" : `, and ${others} more ${others === 1 ? "way" : "ways"} like it`;
  return {
    code: `sovereignty/${rule}`,
    severity: "error",
    message: `${fact}\n${path}${more}`,
    at: spanOfEnd(rule, way),
    cure,
    ...(dataset !== undefined && {
      also: [
        {
          message: `the rule of ${shown(dataset.value.name)}`,
          at: dataset.spanOf(fieldOf(rule, way)),
        },
      ],
    }),
  };
}

/** The field of a dataset that holds the rule. */
function fieldOf(rule: Rule, { source, redacted }: Way): readonly string[] {
  const after = redacted ? source.dataset?.value.redacted : undefined;
  switch (rule) {
    case "classification":
      return after?.classification === undefined ? [rule] : ["redacted", rule];
    case "residency":
      return after?.residency === undefined ? [rule] : ["redacted", rule];
    case "purpose":
      return ["purposes"];
    case "redaction":
      return ["redact"];
    case "retention":
    case "consent":
      return [rule];
  }
}

/** Where an author would change the end of a way. */
function spanOfEnd(rule: Rule, { places }: Way): Span | undefined {
  const end = places.at(-1);
  const before = places.at(-2);
  switch (end?.kind) {
    case "adapter": {
      const at = end.adapter.value.trainedOn?.indexOf(before?.name ?? "") ?? -1;
      return end.adapter.spanOf(["trainedOn", ...(at < 0 ? [] : [at])]);
    }
    case "deployment": {
      const { factory, deployment } = end;
      if (before?.kind === "adapter") {
        const { adapter, adapters = [] } = factory.value.deployments[deployment] ?? {};
        const path =
          adapter === before.name ? ["adapter"] : ["adapters", adapters.indexOf(before.name)];
        return factory.spanOf(["deployments", deployment, ...path]);
      }
      const at = factory.value.reads?.indexOf(before?.name ?? "") ?? -1;
      return at < 0
        ? factory.spanOf(["deployments", deployment], "key")
        : factory.spanOf(["reads", at]);
    }
    case "instance":
      return end.placed.wanted.spanOf();
    case "feedback": {
      const fields: Partial<Record<Rule, string>> = { retention: "keep", redaction: "redact" };
      const field = fields[rule];
      return end.factory.spanOf(["feedback", ...(field === undefined ? [] : [field])]);
    }
    default:
      return undefined;
  }
}

/** Breaches with the same key are told as one. */
function sinkKey({ places, edges }: Flow, { edge, rule }: Breach): string {
  return `${rule} ${definitionOf(rule, places[edges[edge]?.to ?? -1])}`;
}

/** Hosts do not count, nor hubs where it is not they that are wrong: what is to be changed is the definition. */
function definitionOf(rule: Rule, place: FlowPlace | undefined): string {
  const isPlace = rule === "classification" || rule === "residency";
  if (place?.kind === "instance") return `deployment ${place.placed.wanted.name}`;
  if (place?.kind === "feedback")
    return `feedback ${place.factory.value.name} ${isPlace ? place.hub : ""}`;
  return place === undefined ? "" : `${place.kind} ${place.name}`;
}
