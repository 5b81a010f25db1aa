/**
 * Values into definitions: valid by their schemas, linked by name, sound together.
 *
 * In: what was evaluated. Out: definitions by kind and name, every reference leading somewhere; or all that is wrong,
 * each at its place, none that only follows from another. Promise: pure; what comes out needs no checking again.
 */
import { type Definition, definitionSchemas, type Kind, kinds } from "@millwright/schema";
import {
  type Diagnostic,
  refused,
  type Span,
  type Stage,
  stageOf,
} from "../diagnostic/diagnostic.ts";
import type { Evaluated, Fields, Value } from "../evaluate/evaluate.ts";
import type { Definitions, Found } from "./definitions.ts";
import { jsonValueOf, spanAt } from "./located.ts";
import { byName } from "./names.ts";
import { type Mention, refer, textAt } from "./refer.ts";
import { adapters } from "./rules/adapters.ts";
import { hostKeys } from "./rules/hosts.ts";
import { references } from "./rules/references.ts";
import { routes } from "./rules/routes.ts";
import { headOf, shapeErrors } from "./shape.ts";

export type { Definitions, Found } from "./definitions.ts";

export function check({ definitions }: Evaluated): Stage<Definitions> {
  const found: Diagnostic[] = [];
  const exported = new Set<Value>(definitions);
  const read = definitions.flatMap((value) => readDefinition(value, exported, found));
  const of = <K extends Kind>(kind: K) =>
    read.filter((item): item is Read<K> => item.kind === kind);
  const linked = <K extends Kind>(kind: K) => byName(kind, of(kind).filter(isNamed), found);
  const all = {
    fleets: of("fleet"),
    hosts: linked("host"),
    models: linked("model"),
    adapters: linked("adapter"),
    datasets: linked("dataset"),
    factories: linked("factory"),
  };
  const names = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      new Map(
        of(kind)
          .filter(isNamed)
          .reverse()
          .map(({ name, at }) => [name, at]),
      ),
    ]),
  ) as Record<Kind, Map<string, Span>>;
  found.push(...read.flatMap(({ mentions }) => references(mentions, { names, exported })));
  found.push(...exactlyOneFleet(all.fleets));

  const sound = <K extends Kind>(
    items: ReadonlyMap<string, Named<K>>,
  ): ReadonlyMap<string, Found<K>> =>
    new Map(
      [...items].flatMap(([name, { sound: definition }]) =>
        definition === undefined ? [] : [[name, definition]],
      ),
    );
  const factories = sound(all.factories);
  const knownAdapters = sound(all.adapters);
  const hosts = sound(all.hosts);
  found.push(...hostKeys(hosts.values()));
  found.push(
    ...[...factories.values()].flatMap((factory) => [
      ...routes(factory),
      ...adapters(factory, knownAdapters),
    ]),
  );
  byName("deployment or route", [...factories.values()].flatMap(callable), found);

  const fleet = all.fleets[0]?.sound;
  if (fleet === undefined) return refused(found);
  return stageOf(
    {
      fleet,
      hosts,
      models: sound(all.models),
      adapters: knownAdapters,
      datasets: sound(all.datasets),
      factories,
    },
    found,
  );
}

/** A definition on its way: with its name, what it mentions, and itself once it is valid. */
interface Read<K extends Kind> {
  readonly kind: K;
  readonly name: string | undefined;
  readonly at: Span;
  readonly mentions: readonly Mention[];
  readonly sound: Found<K> | undefined;
}

type Named<K extends Kind> = Read<K> & { readonly name: string };

function isNamed<K extends Kind>(item: Read<K>): item is Named<K> {
  return item.name !== undefined;
}

function readDefinition(
  raw: Fields,
  exported: ReadonlySet<Value>,
  found: Diagnostic[],
): Read<Kind>[] {
  const kind = kinds.find((known) => known === textAt(raw, "kind"));
  if (kind === undefined) {
    found.push(withoutKind(raw));
    return [];
  }
  const { value, mentions } = refer(raw, definitionSchemas[kind], exported);
  const wrong: Diagnostic[] = [];
  const plain = jsonValueOf(value, wrong);
  wrong.push(...shapeErrors(kind, plain, value));
  found.push(...wrong);
  const name = textAt(raw, "name");
  // A definition is shown by its name: squiggles through all of it would say nothing.
  const at = name === undefined ? headOf(spanAt(value, [])) : spanAt(value, ["name"]);
  const isSound = wrong.length === 0 && plain.leftOut.size === 0;
  const sound: Found<Kind> | undefined = isSound
    ? { value: plain.value as Definition[Kind], at, spanOf: (path) => spanAt(value, path) }
    : undefined;
  return [{ kind, name, at, mentions, sound }];
}

/** An author function's kind can be written over by a field. */
function withoutKind(raw: Fields): Diagnostic {
  return {
    code: "check/invalid-value",
    severity: "error",
    message: `there is no kind of definition ${textAt(raw, "kind") ?? "that is no text"}`,
    at: spanAt(raw, ["kind"]),
    cure: "leave kind out: the function says it",
  };
}

/** What callers can ask for by name: deployments and routes. */
function callable({
  value,
  spanOf,
}: Found<"factory">): { readonly name: string; readonly at: Span }[] {
  const named = (field: "deployments" | "routes") =>
    Object.keys(value[field] ?? {}).map((name) => ({ name, at: spanOf([field, name]) }));
  return [...named("deployments"), ...named("routes")];
}

function exactlyOneFleet(fleets: readonly Read<"fleet">[]): readonly Diagnostic[] {
  const [first, ...others] = fleets;
  if (first === undefined) {
    return [
      {
        code: "check/no-fleet",
        severity: "error",
        message: "there is no fleet definition",
        at: undefined,
        cure: 'write one: fleet({ name: "acme", hubs: ["wss://hub.acme.example"] })',
      },
    ];
  }
  return others.map(
    (other): Diagnostic => ({
      code: "check/two-fleets",
      severity: "error",
      message: other.name === undefined ? "a second fleet" : `a second fleet, ${other.name}`,
      at: other.at,
      cure: "keep one of them",
      also: [{ message: "the first", at: first.at }],
    }),
  );
}
