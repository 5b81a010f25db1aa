import { type Kind, kinds } from "@millwright/schema";
import {
  type Diagnostic,
  type Span,
  type Suggestions,
  suggestionsFrom,
} from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";
import { aOrAn } from "../names.ts";
import type { Mention } from "../refer.ts";

interface Names extends Suggestions {
  /** Where each name stands first. */
  readonly places: ReadonlyMap<string, Span>;
}

/** Every reference leads to a definition of the right kind: a name to its bearer, a definition passed itself to itself. */
export function references(drafts: Drafts): readonly Diagnostic[] {
  const names: Readonly<Record<Kind, Names>> = {
    fleet: bearers(drafts.fleets),
    host: bearers(drafts.hosts),
    model: bearers(drafts.models),
    adapter: bearers(drafts.adapters),
    dataset: bearers(drafts.datasets),
    factory: bearers(drafts.factories),
    policy: bearers(drafts.policies),
  };
  const { adapters, factories } = drafts;
  return [...adapters, ...factories]
    .flatMap(({ mentions }) => mentions)
    .flatMap((mention): Diagnostic[] => {
      const { passed, kind, name } = mention;
      if (passed === undefined)
        return names[kind].places.has(name) || !drafts.whole ? [] : [unknownName(mention, names)];
      if (passed.kind !== kind) return [wrongKind(mention, passed.kind, names[kind])];
      // Where a file is missing, so may be an export.
      if (drafts.exported.has(passed.value) || !drafts.whole) return [];
      return [neverExported(mention, names[kind])];
    });
}

/** Where each name stands first, of invalid definitions too: that they are invalid has been said. */
function bearers(drafts: readonly Draft<Kind>[]): Names {
  const places = new Map<string, Span>();
  for (const { name, at } of drafts)
    if (name !== undefined && !places.has(name)) places.set(name, at);
  return { places, ...suggestionsFrom(places.keys()) };
}

function unknownName(
  { kind, name, at }: Mention,
  names: Readonly<Record<Kind, Names>>,
): Diagnostic {
  const other = kinds.find((known) => names[known].places.has(name));
  const place = other === undefined ? undefined : names[other].places.get(name);
  return {
    code: "check/unknown-name",
    severity: "error",
    message: `there is no ${kind} ${name}`,
    at,
    cure: names[kind].didYouMean(name),
    ...(other !== undefined &&
      place !== undefined && { also: [{ message: `${aOrAn(other)} is called so`, at: place }] }),
  };
}

function wrongKind({ kind, name, at }: Mention, given: string, names: Names): Diagnostic {
  return {
    code: "check/wrong-kind",
    severity: "error",
    message: `${aOrAn(kind)} is wanted here; ${name} is ${aOrAn(given)}`,
    at,
    cure: names.didYouMean(name),
  };
}

function neverExported({ kind, name, at }: Mention, names: Names): Diagnostic {
  // Another definition may bear the name: what was passed must not silently become that one.
  const namesake = names.places.get(name);
  return {
    code: "check/unknown-name",
    severity: "error",
    message: `the ${kind} ${name} is used here but never exported`,
    at,
    ...(namesake === undefined
      ? { cure: "export it where it is declared" }
      : {
          cure: "pass the exported one itself or write its name, or export this one under a name of its own",
          also: [{ message: "another one of this name is exported", at: namesake }],
        }),
  };
}
