import { Failed } from "./failed.ts";
import { functions } from "./functions.ts";
import { type Meter, spend } from "./meter.ts";
import type { Node } from "./node.ts";
import { shownFunction } from "./operators.ts";
import { takes, Wrong } from "./overload.ts";
import type { Run } from "./run.ts";
import { at, equal, isList, isMap, kindOfValue, type Value } from "./value.ts";

type Call = Extract<Node, { kind: "call" }>;
type Apply = (args: readonly Value[], meter: Meter) => Value | Wrong;

/** A call as a function: all arguments first, then what they are handed to. */
export function call(node: Call, args: readonly Run[]): Run {
  const apply = applyOf(node);
  return (slots, meter) => {
    spend(meter, 1);
    const values: Value[] = [];
    for (const arg of args) {
      const value = arg(slots, meter);
      if (value instanceof Failed) return value;
      values.push(value);
    }
    const result = apply(values, meter);
    return result instanceof Wrong ? new Failed(node, result.message, result.cure) : result;
  };
}

function applyOf(node: Call): Apply {
  switch (node.name) {
    case "_==_":
      return ([a = null, b = null], meter) => equal(a, b, meter);
    case "_!=_":
      return ([a = null, b = null], meter) => !equal(a, b, meter);
    case "@in":
      return isIn;
    case "_[_]":
      return itemAt;
    default:
      return dispatch(node);
  }
}

/** The first overload that takes what there is. Types have been checked; what could be anything is seen only here. */
function dispatch({ name, method, args }: Call): Apply {
  const overloads = (functions.get(name) ?? []).filter(
    (each) => each.method === method && each.takes.length === args.length,
  );
  return (values, meter) => {
    for (const overload of overloads)
      if (overload.takes.every((type, index) => takes(type, values[index] ?? null)))
        return overload.apply(values, meter);
    return new Wrong(
      `${shownFunction(name)} does not take ${values.map(kindOfValue).join(", ")}`,
      "test what it is before",
    );
  };
}

function isIn([item = null, all = null]: readonly Value[], meter: Meter): Value | Wrong {
  if (typeof all === "object" && all !== null) {
    if (isList(all)) return all.some((each) => equal(each, item, meter));
    if (isMap(all)) return at(all, item) !== undefined;
  }
  return new Wrong(`in does not look into ${kindOfValue(all)}`, "name a list or a map");
}

function itemAt([of = null, key = null]: readonly Value[]): Value | Wrong {
  if (typeof of === "object" && of !== null) {
    if (isMap(of))
      return orWrong(at(of, key), `${keyText(key)} is not there`, "ask before it: key in map && …");
    if (isList(of)) {
      if (typeof key !== "bigint" && typeof key !== "number")
        return new Wrong(`a list has no place ${kindOfValue(key)}`, "write […] with an int");
      const index = Number(key);
      const item = Number.isInteger(index) && index >= 0 ? of[index] : undefined;
      return orWrong(
        item,
        `the list has ${of.length} items and none at ${keyText(key)}`,
        "ask for its size() before",
      );
    }
  }
  return new Wrong(`${kindOfValue(of)} has no items`, "name a list or a map");
}

function orWrong(value: Value | undefined, message: string, cure: string): Value | Wrong {
  return value === undefined ? new Wrong(message, cure) : value;
}

function keyText(key: Value): string {
  return typeof key === "string" ? JSON.stringify(key.slice(0, 64)) : String(key).slice(0, 40);
}
