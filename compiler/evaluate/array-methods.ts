import type { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { text } from "./operators.ts";
import { budget } from "./run.ts";
import { bareOf, type Callable, failed, isTruthy, type List, scalar, type Value } from "./value.ts";

interface Call {
  readonly interpreter: Interpreter;
  readonly node: ts.CallExpression;
  readonly list: List;
  readonly args: readonly Value[];
}

type Method = (call: Call) => Value;

/** The array methods of the language: those without effects. Each does what JavaScript's own does. */
export const arrayMethods: ReadonlyMap<string, Method> = new Map<string, Method>(
  Object.entries({
    map: (call) => each(call, (results) => results),
    filter: (call) =>
      each(call, (results, { items }) =>
        items.filter((_, index) => isTruthy(results[index] ?? failed)),
      ),
    flatMap: (call) =>
      each(call, (results) =>
        results.flatMap((result) => (result.kind === "list" ? result.items : [result])),
      ),
    flat: (call) => flat(call),
    find: (call) => firstWhere(call, (_, item) => item),
    findIndex: (call) => firstWhere(call, (index) => scalar(index, spanOf(call)), -1),
    some: (call) => firstWhere(call, () => scalar(true, spanOf(call)), false),
    every: (call) => every(call),
    reduce: (call) => reduce(call),
    includes: (call) => search(call, (items, item, from) => items.includes(item, from)),
    indexOf: (call) => search(call, (items, item, from) => items.indexOf(item, from)),
    slice: (call) => numbers(call, (from, to) => listOf(call, call.list.items.slice(from, to))),
    at: (call) =>
      numbers(call, (index) => call.list.items.at(index ?? 0) ?? scalar(undefined, spanOf(call))),
    concat: (call) =>
      listOf(call, [
        ...call.list.items,
        ...call.args.flatMap((arg) => (arg.kind === "list" ? arg.items : [arg])),
      ]),
    join: (call) => join(call),
    toSorted: (call) => toSorted(call),
    toReversed: (call) => listOf(call, call.list.items.toReversed()),
  } satisfies Record<string, Method>),
);

function spanOf({ interpreter, node }: Call) {
  return interpreter.spanOf(node);
}

function argument(call: Call, index: number): Value {
  return call.args[index] ?? scalar(undefined, spanOf(call));
}

export function listOf(
  { interpreter, node }: { readonly interpreter: Interpreter; readonly node: ts.Node },
  items: readonly Value[],
): Value {
  const at = interpreter.spanOf(node);
  if (items.length > budget.items) {
    return interpreter.refuse(
      "evaluate/too-large",
      `a list of ${items.length.toLocaleString("en")} elements; ${budget.items.toLocaleString("en")} is the most`,
      node,
      "make a shorter list",
    );
  }
  return interpreter.run.spend(items.length, at) ? { kind: "list", items, at } : failed;
}

function callback(call: Call): Callable | undefined {
  const [fn] = call.args;
  if (fn?.kind === "callable") return fn;
  if (fn?.kind !== "failed")
    call.interpreter.refuse(
      "evaluate/type-error",
      "a function is wanted here",
      call.node,
      "write an arrow function: (item) => …",
    );
  return undefined;
}

/** Calls the function for each element, as JavaScript does: with element, index and list. Stops at the first failure. */
function each(
  call: Call,
  then: (results: readonly Value[], list: List) => readonly Value[],
): Value {
  const fn = callback(call);
  if (fn === undefined) return failed;
  const results: Value[] = [];
  for (const [index, item] of call.list.items.entries()) {
    const result = fn.call([item, scalar(index, spanOf(call)), call.list], spanOf(call));
    if (result.kind === "failed") return failed;
    results.push(result);
  }
  return listOf(call, then(results, call.list));
}

function firstWhere(
  call: Call,
  found: (index: number, item: Value) => Value,
  otherwise?: number | boolean,
): Value {
  const fn = callback(call);
  if (fn === undefined) return failed;
  for (const [index, item] of call.list.items.entries()) {
    const result = fn.call([item, scalar(index, spanOf(call)), call.list], spanOf(call));
    if (result.kind === "failed") return failed;
    if (isTruthy(result)) return found(index, item);
  }
  return scalar(otherwise, spanOf(call));
}

function every(call: Call): Value {
  const fn = callback(call);
  if (fn === undefined) return failed;
  for (const [index, item] of call.list.items.entries()) {
    const result = fn.call([item, scalar(index, spanOf(call)), call.list], spanOf(call));
    if (result.kind === "failed") return failed;
    if (!isTruthy(result)) return scalar(false, spanOf(call));
  }
  return scalar(true, spanOf(call));
}

function reduce(call: Call): Value {
  const fn = callback(call);
  if (fn === undefined) return failed;
  const given = call.args.length > 1;
  const { items } = call.list;
  if (!given && items.length === 0) {
    return call.interpreter.refuse(
      "evaluate/type-error",
      "reduce of an empty list without a first value",
      call.node,
      "give reduce a first value",
    );
  }
  let result = given ? argument(call, 1) : (items[0] ?? failed);
  for (let index = given ? 0 : 1; index < items.length; index += 1) {
    result = fn.call(
      [result, items[index] ?? failed, scalar(index, spanOf(call)), call.list],
      spanOf(call),
    );
    if (result.kind === "failed") return failed;
  }
  return result;
}

function flat(call: Call): Value {
  if (call.args.length > 0)
    return notInTheLanguage(
      call.interpreter,
      "flat with a depth",
      call.node,
      "call flat() once a level",
    );
  return listOf(
    call,
    call.list.items.flatMap((item) => (item.kind === "list" ? item.items : [item])),
  );
}

/** Arguments that must be numbers or missing. */
function numbers(call: Call, then: (...values: (number | undefined)[]) => Value): Value {
  const values: (number | undefined)[] = [];
  for (const arg of call.args) {
    if (arg.kind !== "scalar" || (typeof arg.value !== "number" && arg.value !== undefined)) {
      return call.interpreter.refuse(
        "evaluate/type-error",
        "numbers are wanted here",
        call.node,
        "give numbers",
      );
    }
    values.push(arg.value);
  }
  return then(...values);
}

/** By value for primitives, by identity for all else; from an index on, when one is given. */
function search(
  call: Call,
  find: (items: readonly unknown[], item: unknown, from: number) => number | boolean,
): Value {
  const [item, ...rest] = call.args;
  return numbers({ ...call, args: rest }, (from) =>
    scalar(
      find(call.list.items.map(bareOf), item === undefined ? undefined : bareOf(item), from ?? 0),
      spanOf(call),
    ),
  );
}

function join(call: Call): Value {
  const separator = argument(call, 0);
  const parts = call.list.items.map(bareOf);
  if (separator.kind !== "scalar" || call.list.items.some((item) => item.kind !== "scalar")) {
    return notInTheLanguage(
      call.interpreter,
      "join of lists, objects or functions",
      call.node,
      "map the elements to texts first",
    );
  }
  return text(
    call.interpreter,
    parts.join(separator.value === undefined ? undefined : String(separator.value)),
    call.node,
  );
}

function toSorted(call: Call): Value {
  const [compare] = call.args;
  if (compare === undefined) {
    if (call.list.items.some((item) => item.kind !== "scalar")) {
      return notInTheLanguage(
        call.interpreter,
        "sorting lists or objects without a comparison",
        call.node,
        "give a comparison: (a, b) => …",
      );
    }
    const order = call.list.items.map((item, index) => ({
      item,
      key: String(bareOf(item)),
      missing: bareOf(item) === undefined,
      index,
    }));
    order.sort(
      (a, b) =>
        Number(a.missing) - Number(b.missing) ||
        (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index),
    );
    return listOf(
      call,
      order.map(({ item }) => item),
    );
  }
  const fn = callback(call);
  if (fn === undefined) return failed;
  let broken = false;
  const sorted = call.list.items.toSorted((a, b) => {
    if (broken) return 0;
    // JavaScript puts undefined last without asking the comparison.
    if (bareOf(a) === undefined || bareOf(b) === undefined)
      return Number(bareOf(a) === undefined) - Number(bareOf(b) === undefined);
    const result = fn.call([a, b], spanOf(call));
    if (result.kind !== "scalar") {
      broken = true;
      if (result.kind !== "failed")
        call.interpreter.refuse(
          "evaluate/type-error",
          "a comparison gives a number",
          call.node,
          "return a negative number, 0 or a positive number",
        );
      return 0;
    }
    return Number(result.value);
  });
  return broken ? failed : listOf(call, sorted);
}
