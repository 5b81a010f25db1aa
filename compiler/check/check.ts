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
import type { Evaluated, Value } from "../evaluate/evaluate.ts";
import type { Definitions, Found } from "./definitions.ts";
import { jsonValueOf, spanAt } from "./located.ts";
import { byName } from "./names.ts";
import { type Mention, refer, textAt } from "./refer.ts";
import { adapters } from "./rules/adapters.ts";
import { hostKeys } from "./rules/hosts.ts";
import { references } from "./rules/references.ts";
import { routes } from "./rules/routes.ts";
import { shapeErrors } from "./shape.ts";

export type { Definitions, Found } from "./definitions.ts";

export function check({ definitions }: Evaluated): Stage<Definitions> {
  const found: Diagnostic[] = [];
  const read = definitions.map((value) => readDefinition(value, found));
  const of = <K extends Kind>(kind: K) =>
    read.filter((item): item is Read<K> => item.kind === kind);
  const linked = <K extends Kind>(kind: K) => byName(kind, of(kind), found);
  const all = {
    fleets: of("fleet"),
    hosts: linked("host"),
    models: linked("model"),
    adapters: linked("adapter"),
    datasets: linked("dataset"),
    factories: linked("factory"),
  };
  // Names of invalid definitions count too: that they are invalid has been said.
  const declared = Object.fromEntries(
    kinds.map((kind) => [kind, new Set(of(kind).map(({ name }) => name))]),
  ) as Record<Kind, Set<string>>;
  found.push(...read.flatMap(({ mentions }) => references(mentions, declared)));
  found.push(...exactlyOneFleet(all.fleets));

  const sound = <K extends Kind>(
    items: ReadonlyMap<string, Read<K>>,
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
  readonly name: string;
  readonly at: Span;
  readonly mentions: readonly Mention[];
  readonly sound: Found<K> | undefined;
}

function readDefinition(raw: Evaluated["definitions"][number], found: Diagnostic[]): Read<Kind> {
  const kind = textAt(raw, "kind") as Kind;
  const { value, mentions } = refer(raw, definitionSchemas[kind]);
  const unsayable: Diagnostic[] = [];
  const plain = jsonValueOf(value, unsayable);
  const wrong = unsayable.length > 0 ? unsayable : shapeErrors(kind, plain, value);
  found.push(...wrong);
  const at = nameSpan(value);
  const sound: Found<Kind> | undefined =
    wrong.length > 0
      ? undefined
      : { value: plain as Definition[Kind], at, spanOf: (path) => spanAt(value, path) };
  return { kind, name: textAt(raw, "name") ?? "", at, mentions, sound };
}

/** A definition is shown by its name: squiggles through all of it would say nothing. */
function nameSpan(value: Value): Span {
  return spanAt(value, ["name"]);
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
      message: `a second fleet, ${other.name}`,
      at: other.at,
      cure: "keep one of them",
      also: [{ message: "the first", at: first.at }],
    }),
  );
}
