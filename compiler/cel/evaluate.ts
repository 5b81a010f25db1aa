import { call } from "./call.ts";
import { Failed } from "./failed.ts";
import { spend } from "./meter.ts";
import type { Node } from "./node.ts";
import type { Run } from "./run.ts";
import { at, isList, isMap, kindOfValue, type Value } from "./value.ts";

/**
 * An expression as a function, made once and called for everything that is judged. It reaches its variables and
 * nothing else: fields are entries of maps, and functions those of one table.
 */
export function runnable(node: Node, names: readonly string[]): Run {
  const compile = (each: Node) => runnable(each, names);
  switch (node.kind) {
    case "literal":
      return () => node.value;
    case "name": {
      const slot = names.lastIndexOf(node.name);
      if (slot < 0) {
        const failed = new Failed(node, `there is no variable ${node.name}`, "take it out");
        return () => failed;
      }
      return (slots) => slots[slot] ?? null;
    }
    case "field":
      return field(node, compile(node.of));
    case "call":
      return call(node, node.args.map(compile));
    case "both":
    case "either":
      return logic(node.kind === "either", compile(node.left), compile(node.right), node);
    case "choice": {
      const [test, yes, no] = [compile(node.test), compile(node.yes), compile(node.no)];
      return (slots, meter) => {
        const chosen = truth(test(slots, meter), node.test);
        return typeof chosen === "boolean" ? (chosen ? yes : no)(slots, meter) : chosen;
      };
    }
    case "list":
      return list(node.items.map(compile));
    case "map":
      return map(
        node,
        node.entries.map(([key, value]) => [compile(key), compile(value)]),
      );
    case "each":
      return each(node, names, compile(node.over));
  }
}

function truth(value: Value | Failed, node: Node): boolean | Failed {
  if (typeof value === "boolean" || value instanceof Failed) return value;
  return new Failed(node, `${kindOfValue(value)} is no bool`, "compare it with something");
}

function field(node: Extract<Node, { kind: "field" }>, of: Run): Run {
  const { field: name, has } = node;
  return (slots, meter) => {
    spend(meter, 1);
    const value = of(slots, meter);
    if (value instanceof Failed) return value;
    // Nothing has no fields, which is what `has` asks.
    if (value === null && has) return false;
    if (value === null || typeof value !== "object" || !isMap(value))
      return new Failed(
        node,
        `${value === null ? "there is nothing that could have" : `${kindOfValue(value)} has no`} ${name}`,
        value === null
          ? "test before it: x == null || …"
          : "look at schema/POLICIES.md for what it is",
      );
    const found = value.get(name);
    if (has) return found !== undefined;
    return (
      found ??
      (value.has(name)
        ? null
        : new Failed(node, `${name} is not there`, `ask before it: has(….${name}) && …`))
    );
  };
}

/** `&&` and `||`: one side that decides is enough, also when the other fails. */
function logic(
  decides: boolean,
  left: Run,
  right: Run,
  node: Extract<Node, { kind: "both" | "either" }>,
): Run {
  return (slots, meter) => {
    const first = truth(left(slots, meter), node.left);
    if (first === decides) return decides;
    const second = truth(right(slots, meter), node.right);
    if (second === decides) return decides;
    return first instanceof Failed ? first : second;
  };
}

function list(items: readonly Run[]): Run {
  return (slots, meter) => {
    spend(meter, items.length);
    const values: Value[] = [];
    for (const item of items) {
      const value = item(slots, meter);
      if (value instanceof Failed) return value;
      values.push(value);
    }
    return values;
  };
}

function map(node: Node, entries: readonly (readonly [Run, Run])[]): Run {
  return (slots, meter) => {
    spend(meter, entries.length);
    const values = new Map<Value, Value>();
    for (const [keyRun, valueRun] of entries) {
      const key = keyRun(slots, meter);
      if (key instanceof Failed) return key;
      const value = valueRun(slots, meter);
      if (value instanceof Failed) return value;
      if (typeof key === "object" || typeof key === "number")
        return new Failed(node, `${kindOfValue(key)} is no key`, "use texts, ints or bools");
      if (at(values, key) !== undefined)
        return new Failed(node, `the key ${String(key).slice(0, 40)} comes twice`, "take one out");
      values.set(key, value);
    }
    return values;
  };
}

function each(node: Extract<Node, { kind: "each" }>, names: readonly string[], over: Run): Run {
  const { macro } = node;
  const slot = names.length;
  const inside = [...names, node.name];
  const test = node.test && runnable(node.test, inside);
  const item = node.item && runnable(node.item, inside);
  return (slots, meter) => {
    const all = over(slots, meter);
    if (all instanceof Failed) return all;
    if (all === null || typeof all !== "object" || !(isList(all) || isMap(all)))
      return new Failed(node.over, `${kindOfValue(all)} is no list and no map`, "name one");
    const made: Value[] = [];
    let failed: Failed | undefined;
    let met = 0;
    for (const value of isList(all) ? all : all.keys()) {
      spend(meter, 2);
      slots[slot] = value;
      const holds =
        test === undefined || node.test === undefined ? true : truth(test(slots, meter), node.test);
      if (holds instanceof Failed) {
        // One item that decides is enough, also when others fail; the rest is counted or kept, and must be known.
        if (macro !== "all" && macro !== "exists") return holds;
        failed ??= holds;
      } else if (macro === "all" ? !holds : macro === "exists" && holds) return macro === "exists";
      else if (holds) {
        met += 1;
        const kept = item === undefined ? value : item(slots, meter);
        if (kept instanceof Failed) return kept;
        if (macro === "map" || macro === "filter") made.push(kept);
      }
    }
    if (failed !== undefined) return failed;
    if (macro === "map" || macro === "filter") return made;
    return macro === "all" || (macro === "exists_one" && met === 1);
  };
}
