import type { HostPlan, Kind } from "@millwright/schema";
import type { Type, Value } from "../cel/cel.ts";
import type { Definitions, Found } from "../check/check.ts";
import { bind } from "./bind.ts";
import { collections, type Subjects, type Types } from "./variables.ts";

/** Something that a policy judges, by its name. */
export interface Thing {
  readonly name: string;
  readonly found: Found<Kind>;
  /** The path to it inside the definition; empty for the definition itself. */
  readonly path: readonly string[];
  readonly value: () => Value;
}

/** Definitions and plans as values of CEL, each made once however many policies read it. */
export interface World {
  /** All of one kind, by name; of a fleet the only one. */
  things(definitions: Definitions, subject: Subjects): ReadonlyMap<string, Thing>;
  everything(definitions: Definitions): ReadonlyMap<Value, Value>;
  plan(plan: HostPlan): Value;
}

export function newWorld(types: Types): World {
  const values = new WeakMap<object, Value>();
  const once = (key: object, type: Type, written: object = key): Value => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = bind(written, type);
    values.set(key, value);
    return value;
  };
  const thingOf = (found: Found<Kind>, subject: Subjects): Thing => ({
    name: found.value.name,
    found,
    path: [],
    value: () => once(found.value, types.of[subject]),
  });
  const deployments = ({ factories }: Definitions): readonly Thing[] =>
    [...factories.values()].flatMap((found) => {
      const { name: factory, deployments } = found.value;
      return Object.entries(deployments).map(([name, written]): Thing => {
        // What a function of the author's gives to two names is one object: its value has a key of its own.
        let value: Value | undefined;
        return {
          name,
          found,
          path: ["deployments", name],
          value: () => {
            value ??= bind({ ...written, name, factory }, types.of.deployment);
            return value;
          },
        };
      });
    });
  const things = (definitions: Definitions, subject: Subjects): ReadonlyMap<string, Thing> => {
    const all =
      subject === "deployment"
        ? deployments(definitions)
        : foundIn(definitions, subject).map((found) => thingOf(found, subject));
    return new Map(all.map((thing) => [thing.name, thing]));
  };
  const known = new WeakMap<Definitions, ReadonlyMap<Value, Value>>();
  const collection = (definitions: Definitions, subject: Subjects): Value =>
    new Map([...things(definitions, subject)].map(([name, { value }]) => [name, value()]));
  return {
    things,
    everything(definitions) {
      const found = known.get(definitions);
      if (found !== undefined) return found;
      const made = new Map<Value, Value>([
        ["fleet", once(definitions.fleet.value, types.of.fleet)],
        ...Object.entries(collections).map(([name, subject]): [string, Value] => [
          name,
          collection(definitions, subject),
        ]),
      ]);
      known.set(definitions, made);
      return made;
    },
    plan: (plan) => once(plan, types.plan),
  };
}

function foundIn(definitions: Definitions, kind: Kind): readonly Found<Kind>[] {
  switch (kind) {
    case "fleet":
      return [definitions.fleet];
    case "host":
      return [...definitions.hosts.values()];
    case "model":
      return [...definitions.models.values()];
    case "adapter":
      return [...definitions.adapters.values()];
    case "dataset":
      return [...definitions.datasets.values()];
    case "factory":
      return [...definitions.factories.values()];
    case "policy":
      return [...definitions.policies.values()];
  }
}
