import { type Kind, kinds } from "@millwright/schema";
import { checker, type Definitions, type Found } from "../check/check.ts";
import { type Diagnostic, refused, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import { evaluated, newMemory } from "../evaluate/evaluate.ts";
import type { SourceTree } from "../source/source.ts";

/** A definition as it stood in one tree. */
export interface State {
  readonly kind: Kind;
  /** As written, references as names. */
  readonly value: unknown;
  readonly file: string;
}

/** What one tree says of a name. */
export type Standing =
  | { readonly kind: "readable"; readonly states: readonly State[] }
  /** Why its definitions cannot be read: the first diagnostic, or what git said. */
  | { readonly kind: "unreadable"; readonly why: Why };

export interface Why {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
}

/** What may be asked for: one kind, or whichever has the name. */
export interface Wanted {
  readonly kind: Kind | undefined;
  readonly name: string;
}

/** Reads the definitions of one tree after the other; one that is much like the last costs what differs. */
export type Sight = (tree: SourceTree) => Stage<Definitions | undefined>;

/** Nothing is there before the first definition, which is no mistake: `undefined`. */
export function newSight(): Sight {
  const memory = newMemory();
  const check = checker();
  return (tree) => {
    if (tree.files.size === 0 && tree.passedOver === undefined) return stageOf(undefined, []);
    const { found, ...values } = evaluated(tree, memory);
    const checked = check(values);
    if (!checked.ok) return refused([...found, ...checked.problems]);
    return stageOf(checked.value, [...found, ...checked.warnings]);
  };
}

export function standingOf(stage: ReturnType<Sight>, wanted: Wanted): Standing {
  if (!stage.ok) return { kind: "unreadable", why: whyOf(stage.problems) };
  const { value } = stage;
  return { kind: "readable", states: value === undefined ? [] : statesIn(value, wanted) };
}

/** All names in a tree, with their kinds, as `kind/name`. */
export function namesIn(definitions: Definitions): readonly string[] {
  return kinds.flatMap((kind) =>
    [...ofKind(definitions, kind).keys()].map((name) => `${kind}/${name}`),
  );
}

export function statesIn(definitions: Definitions, { kind, name }: Wanted): readonly State[] {
  return (kind === undefined ? kinds : [kind]).flatMap((kind) => {
    const found = ofKind(definitions, kind).get(name);
    return found === undefined ? [] : [{ kind, value: found.value, file: found.at.file }];
  });
}

export function ofKind(definitions: Definitions, kind: Kind): ReadonlyMap<string, Found<Kind>> {
  const { fleet, hosts, models, adapters, datasets, factories, policies } = definitions;
  switch (kind) {
    case "fleet":
      return new Map([[fleet.value.name, fleet]]);
    case "host":
      return hosts;
    case "model":
      return models;
    case "adapter":
      return adapters;
    case "dataset":
      return datasets;
    case "factory":
      return factories;
    case "policy":
      return policies;
  }
}

function whyOf(problems: readonly Diagnostic[]): Why {
  const first = problems.find(({ severity }) => severity === "error") ?? problems[0];
  if (first === undefined) throw new Error("impossible: refused without a reason");
  const { code, message, at } = first;
  return { code, message, ...(at !== undefined && { file: at.file }) };
}
