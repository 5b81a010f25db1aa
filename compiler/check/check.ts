/**
 * Values into definitions: valid by their schemas, linked by name, sound together.
 *
 * In: what was evaluated, also when some of it is missing. Out: definitions by kind and name, every reference leading
 * somewhere; or all that is wrong, each at its place, none that only follows from another. Promise: pure; what comes
 * out needs no checking again.
 */
import type { Kind } from "@millwright/schema";
import { type Diagnostic, once, refused, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import type { Evaluated, Fields, Value } from "../evaluate/evaluate.ts";
import type { Definitions, Found } from "./definitions.ts";
import type { Draft, Drafts, Rule } from "./draft.ts";
import { readDefinition } from "./read.ts";
import { adaptersOfOtherModels } from "./rules/adapter-of-another-model.ts";
import { antiAffinity } from "./rules/anti-affinity.ts";
import { apiKeys } from "./rules/api-keys.ts";
import { choices } from "./rules/choices.ts";
import { collectors } from "./rules/collectors.ts";
import { duplicateKeys } from "./rules/duplicate-keys.ts";
import { duplicateNames } from "./rules/duplicate-names.ts";
import { durations } from "./rules/durations.ts";
import { engines } from "./rules/engines.ts";
import { fallbackCycles } from "./rules/fallback-cycle.ts";
import { gateways } from "./rules/gateways.ts";
import { hubs } from "./rules/hubs.ts";
import { licences } from "./rules/licences.ts";
import { licencesAllowed } from "./rules/licences-allowed.ts";
import { longChains } from "./rules/long-chain.ts";
import { oneFleet } from "./rules/one-fleet.ts";
import { references } from "./rules/references.ts";
import { residencies } from "./rules/residencies.ts";
import { retiredAndThere } from "./rules/retired.ts";
import { routesToNothing } from "./rules/route-to-nothing.ts";
import { schedules } from "./rules/schedules.ts";
import { selectors } from "./rules/selectors.ts";
import { stores } from "./rules/stores.ts";
import { unreachable } from "./rules/unreachable.ts";
import { unused } from "./rules/unused.ts";
import { weakKeys } from "./rules/weak-keys.ts";
import { shapes } from "./shape.ts";

export { chainOf, chainsOf, choiceLinks, type Link, linksOf } from "./chain.ts";
export type { Definitions, Found } from "./definitions.ts";
export { spanInside } from "./located.ts";
export { predicateOf } from "./predicate.ts";
export { conditionsOf, meets } from "./where.ts";

const rules: readonly Rule[] = [
  oneFleet,
  hubs,
  duplicateNames,
  duplicateKeys,
  weakKeys,
  references,
  residencies,
  antiAffinity,
  routesToNothing,
  choices,
  fallbackCycles,
  longChains,
  apiKeys,
  unreachable,
  adaptersOfOtherModels,
  selectors,
  licences,
  licencesAllowed,
  schedules,
  durations,
  engines,
  retiredAndThere,
  stores,
  collectors,
  gateways,
  unused,
];

export function check(evaluated: Evaluated): Stage<Definitions> {
  return checker()(evaluated);
}

/** Checks again and again, as definitions change: one that comes again, identical, is not read again. */
export function checker(): (evaluated: Evaluated) => Stage<Definitions> {
  const read = shapes();
  // What is sound hangs on the definition alone. What is not is told again, so it is read again.
  const sound = new WeakMap<Fields, Draft<Kind>>();
  return (evaluated) =>
    checked(evaluated, (value, exported, found) => {
      const draft = sound.get(value) ?? readDefinition(value, exported, read, found);
      if (draft?.sound !== undefined) sound.set(value, draft);
      return draft;
    });
}

function checked(
  { definitions, whole }: Evaluated,
  read: (
    value: Fields,
    exported: ReadonlySet<Value>,
    found: Diagnostic[],
  ) => Draft<Kind> | undefined,
): Stage<Definitions> {
  const found: Diagnostic[] = [];
  const exported = new Set<Value>(definitions);
  const all = definitions.flatMap((value) => read(value, exported, found) ?? []);
  const of = <K extends Kind>(kind: K) =>
    all.filter((draft): draft is Draft<K> => draft.kind === kind);
  const drafts: Drafts = {
    fleets: of("fleet"),
    hosts: of("host"),
    models: of("model"),
    adapters: of("adapter"),
    datasets: of("dataset"),
    factories: of("factory"),
    policies: of("policy"),
    exported,
    whole: whole && all.length === definitions.length,
  };
  for (const rule of rules) found.push(...rule(drafts));
  const fleet = drafts.fleets[0]?.sound;
  if (fleet === undefined) return refused(once(found));
  return stageOf(
    {
      fleet,
      hosts: byName(drafts.hosts),
      models: byName(drafts.models),
      adapters: byName(drafts.adapters),
      datasets: byName(drafts.datasets),
      factories: byName(drafts.factories),
      policies: byName(drafts.policies),
    },
    once(found),
  );
}

/** In order of name, so that nothing hangs on the order of files. */
function byName<K extends Kind>(drafts: readonly Draft<K>[]): ReadonlyMap<string, Found<K>> {
  const sound = drafts.flatMap(({ name, sound }) =>
    name === undefined || sound === undefined ? [] : [[name, sound] as const],
  );
  return new Map(sound.sort(([a], [b]) => (a < b ? -1 : 1)));
}
