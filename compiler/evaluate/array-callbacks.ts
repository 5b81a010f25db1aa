import { type ArrayCall, type ArrayMethod, callback, spanOf } from "./array-call.ts";
import { goingThrough, listOf } from "./list.ts";
import { type Callable, failed, isTruthy, scalar, type Value } from "./value.ts";

/** The array methods that call a function for each element. While they do, the list does not change. */
export const callbackMethods = {
  map: mapped((results) => results),
  filter: mapped((results, items) =>
    items.filter((_, index) => isTruthy(results[index] ?? failed)),
  ),
  flatMap: mapped((results) =>
    results.flatMap((result) => (result.kind === "list" ? result.items : [result])),
  ),
  forEach: (call) => walk(call, "forwards", () => undefined) ?? scalar(undefined, spanOf(call)),
  find: firstWhere("forwards", (_, item) => item),
  findLast: firstWhere("backwards", (_, item) => item),
  findIndex: firstWhere("forwards", (index, _, call) => scalar(index, spanOf(call)), -1),
  findLastIndex: firstWhere("backwards", (index, _, call) => scalar(index, spanOf(call)), -1),
  some: firstWhere("forwards", (_index, _item, call) => scalar(true, spanOf(call)), false),
  every: (call) =>
    walk(call, "forwards", (result) =>
      isTruthy(result) ? undefined : scalar(false, spanOf(call)),
    ) ?? scalar(true, spanOf(call)),
  reduce: reduced("forwards"),
  reduceRight: reduced("backwards"),
} satisfies Record<string, ArrayMethod>;

type Direction = "forwards" | "backwards";

/** Calls the function for each element as JavaScript does, until `end` gives a value or a call fails. */
function walk(
  call: ArrayCall,
  direction: Direction,
  end: (result: Value, index: number, item: Value) => Value | undefined,
): Value | undefined {
  const fn = callback(call);
  if (fn === undefined) return failed;
  const at = spanOf(call);
  return goingThrough(call.list, () => {
    for (const [index, item] of indexed(call, direction)) {
      const result = fn.call([item, scalar(index, at), call.list], at);
      if (result.kind === "failed") return failed;
      const ended = end(result, index, item);
      if (ended !== undefined) return ended;
    }
    return undefined;
  });
}

function* indexed(
  { list: { items } }: ArrayCall,
  direction: Direction,
): Generator<readonly [number, Value]> {
  const { length } = items;
  for (let count = 0; count < length; count += 1) {
    const index = direction === "forwards" ? count : length - 1 - count;
    yield [index, items[index] ?? failed];
  }
}

function mapped(then: (results: Value[], items: readonly Value[]) => Value[]): ArrayMethod {
  return (call) => {
    const results: Value[] = [];
    const stopped = walk(call, "forwards", (result) => {
      results.push(result);
      return undefined;
    });
    return stopped ?? listOf(call, then(results, call.list.items));
  };
}

function firstWhere(
  direction: Direction,
  found: (index: number, item: Value, call: ArrayCall) => Value,
  otherwise?: number | boolean,
): ArrayMethod {
  return (call) =>
    walk(call, direction, (result, index, item) =>
      isTruthy(result) ? found(index, item, call) : undefined,
    ) ?? scalar(otherwise, spanOf(call));
}

function reduced(direction: Direction): ArrayMethod {
  return (call) => {
    const fn = callback(call);
    if (fn === undefined) return failed;
    const elements = [...indexed(call, direction)];
    const first = call.args.length > 1 ? call.args[1] : elements.shift()?.[1];
    if (first === undefined)
      return call.interpreter.refuse(
        "evaluate/type-error",
        "reduce of an empty list without a first value",
        call.node,
        "give reduce a first value",
      );
    return goingThrough(call.list, () => fold(call, fn, elements, first));
  };
}

function fold(
  call: ArrayCall,
  fn: Callable,
  elements: readonly (readonly [number, Value])[],
  first: Value,
): Value {
  const at = spanOf(call);
  let result = first;
  for (const [index, item] of elements) {
    result = fn.call([result, item, scalar(index, at), call.list], at);
    if (result.kind === "failed") return failed;
  }
  return result;
}
