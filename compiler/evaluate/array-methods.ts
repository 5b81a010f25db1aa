import { type ArrayCall, type ArrayMethod, argument, numbersOf, spanOf } from "./array-call.ts";
import { callbackMethods } from "./array-callbacks.ts";
import { changingMethods } from "./array-changes.ts";
import { inOrder } from "./array-sort.ts";
import { notInTheLanguage } from "./interpreter.ts";
import { listOf } from "./list.ts";
import { costOfText, text } from "./operators.ts";
import { bareOf, failed, scalar, type Value } from "./value.ts";

/** The array methods of the language. Each does what JavaScript's own does. */
export const arrayMethods: ReadonlyMap<string, ArrayMethod> = new Map<string, ArrayMethod>(
  Object.entries({
    ...callbackMethods,
    includes: search((items, item, from) => items.includes(item, ...from)),
    indexOf: search((items, item, from) => items.indexOf(item, ...from)),
    lastIndexOf: search((items, item, from) =>
      // A start that is undefined is the first element, not the last: it matters whether one was given.
      from.length === 0 ? items.lastIndexOf(item) : items.lastIndexOf(item, from[0] ?? 0),
    ),
    slice: at((items, [from, to]) => items.slice(from, to)),
    at: (call) => {
      const numbers = numbersOf(call, call.args);
      if (numbers === undefined) return failed;
      return call.list.items.at(numbers[0] ?? 0) ?? scalar(undefined, spanOf(call));
    },
    concat: (call) =>
      listOf(call, [
        ...call.list.items,
        ...call.args.flatMap((arg) => (arg.kind === "list" ? arg.items : [arg])),
      ]),
    with: replaced,
    toSpliced: spliced,
    join,
    flat,
    toSorted: (call) => {
      const sorted = inOrder(call, "toSorted");
      return sorted === undefined ? failed : listOf(call, sorted);
    },
    toReversed: (call) => listOf(call, call.list.items.toReversed()),
    ...changingMethods,
  } satisfies Record<string, ArrayMethod>),
);

/** A list taken from this one by positions. */
function at(
  take: (items: readonly Value[], numbers: readonly (number | undefined)[]) => Value[],
): ArrayMethod {
  return (call) => {
    const numbers = numbersOf(call, call.args);
    return numbers === undefined ? failed : listOf(call, take(call.list.items, numbers));
  };
}

/** By value for primitives, by identity for all else; from an index on, when one is given. */
function search(
  find: (items: readonly unknown[], item: unknown, from: number[]) => number | boolean,
): ArrayMethod {
  return (call) => {
    const [item, ...rest] = call.args;
    const from = numbersOf(call, rest.slice(0, 1));
    const at = spanOf(call);
    if (from === undefined) return failed;
    const each = 1 + (item === undefined ? 0 : costOfText(item));
    if (!call.interpreter.run.spend((call.list.items.length * each) >> 2, at)) return failed;
    const items = call.list.items.map(bareOf);
    const wanted = item === undefined ? undefined : bareOf(item);
    return scalar(
      find(
        items,
        wanted,
        from.map((number) => number ?? 0),
      ),
      at,
    );
  };
}

function replaced(call: ArrayCall): Value {
  const numbers = numbersOf(call, call.args.slice(0, 1));
  if (numbers === undefined) return failed;
  const { items } = call.list;
  const given = Math.trunc(numbers[0] ?? 0) || 0;
  const index = given < 0 ? items.length + given : given;
  if (index < 0 || index >= items.length)
    return call.interpreter.refuse(
      "evaluate/type-error",
      `there is no element ${given} in a list of ${items.length}`,
      call.node,
      "name a position inside the list",
    );
  return listOf(call, items.with(index, argument(call, 1)));
}

function spliced(call: ArrayCall): Value {
  const numbers = numbersOf(call, call.args.slice(0, 2));
  if (numbers === undefined) return failed;
  const { items } = call.list;
  const [start = 0, skip = 0] = numbers;
  if (call.args.length === 0) return listOf(call, [...items]);
  if (call.args.length === 1) return listOf(call, items.slice(0, startOf(start, items.length)));
  return listOf(call, items.toSpliced(start, skip, ...call.args.slice(2)));
}

function startOf(start: number, length: number): number {
  const whole = Math.trunc(start) || 0;
  return whole < 0 ? Math.max(0, length + whole) : Math.min(whole, length);
}

function join(call: ArrayCall): Value {
  const separator = argument(call, 0);
  if (separator.kind !== "scalar" || call.list.items.some((item) => item.kind !== "scalar")) {
    return notInTheLanguage(
      call.interpreter,
      "join of lists, objects or functions",
      call.node,
      "map the elements to texts first",
    );
  }
  if (!call.interpreter.run.spend(call.list.items.length, spanOf(call))) return failed;
  const parts = call.list.items.map(bareOf);
  const between = separator.value === undefined ? undefined : String(separator.value);
  return text(call.interpreter, parts.join(between), call.node);
}

function flat(call: ArrayCall): Value {
  const [depth] = call.args;
  const isOne =
    depth === undefined ||
    (depth.kind === "scalar" && (depth.value === undefined || depth.value === 1));
  if (!isOne)
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
