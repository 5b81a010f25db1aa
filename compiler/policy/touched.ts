import { equal, type Meter, type Value } from "../cel/cel.ts";
import type { Definitions } from "../check/check.ts";
import type { Plans } from "./judge-plans.ts";
import { collections } from "./variables.ts";
import type { World } from "./world.ts";

/**
 * The names of what a change adds, changes or deletes. Two definitions that mean the same are the same, in whatever
 * order or units they are written.
 */
export function touchedBy(
  world: World,
  before: Definitions,
  after: Definitions,
  plans: { readonly before: Plans; readonly after: Plans } | undefined,
): Value {
  const names = Object.entries(collections).map(([collection, subject]): [string, Value] => [
    collection,
    differing(valuesOf(world.things(before, subject)), valuesOf(world.things(after, subject))),
  ]);
  if (plans === undefined) return new Map(names);
  const hosts = [...new Set([...plans.before.keys(), ...plans.after.keys()])].sort();
  const moved = hosts.filter((host) => {
    const [a, b] = [plans.before.get(host), plans.after.get(host)];
    if (a === undefined || b === undefined) return true;
    if (a.digest !== undefined && b.digest !== undefined) return a.digest !== b.digest;
    return !equal(world.plan(a.plan), world.plan(b.plan), unmetered());
  });
  return new Map<Value, Value>([...names, ["plans", moved]]);
}

type Values = ReadonlyMap<string, () => Value>;

function valuesOf(things: ReadonlyMap<string, { readonly value: () => Value }>): Values {
  return new Map([...things].map(([name, { value }]) => [name, value]));
}

function differing(before: Values, after: Values): readonly string[] {
  const meter = unmetered();
  const all = [...new Set([...before.keys(), ...after.keys()])].sort();
  return all.filter((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    return a === undefined || b === undefined || !equal(a(), b(), meter);
  });
}

/** Work in proportion to what was written, whatever the policies do with it. */
function unmetered(): Meter {
  return { left: Number.POSITIVE_INFINITY };
}
