import { type ArrayCall, spanOf } from "./array-call.ts";
import { notInTheLanguage } from "./interpreter.ts";
import { goingThrough } from "./list.ts";
import { bareOf, type Value } from "./value.ts";

/**
 * The elements in order; `undefined` when that failed. `how` matters: where a comparison contradicts itself (NaN does),
 * V8's sort and toSorted come to different orders, and so must we.
 */
export function inOrder(call: ArrayCall, how: "sort" | "toSorted"): Value[] | undefined {
  const { items } = call.list;
  if (!call.interpreter.run.spend(items.length * 4, spanOf(call))) return undefined;
  // JavaScript puts undefined last, and never asks the comparison about it.
  const present = items.filter((item) => bareOf(item) !== undefined);
  const missing = items.filter((item) => bareOf(item) === undefined);
  const [compare] = call.args;
  const byText =
    compare === undefined || (compare.kind === "scalar" && compare.value === undefined);
  const sorted = byText ? asTexts(call, present) : compared(call, present, how);
  return sorted && [...sorted, ...missing];
}

function asTexts(call: ArrayCall, items: readonly Value[]): Value[] | undefined {
  const keyed: { readonly item: Value; readonly key: string }[] = [];
  for (const item of items) {
    if (item.kind !== "scalar") {
      notInTheLanguage(
        call.interpreter,
        "sorting lists or objects without a comparison",
        call.node,
        "give a comparison: (a, b) => …",
      );
      return undefined;
    }
    keyed.push({ item, key: String(item.value) });
  }
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}

function compared(call: ArrayCall, items: Value[], how: "sort" | "toSorted"): Value[] | undefined {
  const [compare] = call.args;
  if (compare?.kind !== "callable") {
    call.interpreter.refuse(
      "evaluate/type-error",
      "a comparison is wanted here",
      call.node,
      "write an arrow function: (a, b) => …",
    );
    return undefined;
  }
  const at = spanOf(call);
  let broken = false;
  const sorted = goingThrough(call.list, () =>
    items[how]((a, b) => {
      if (broken) return 0;
      const result = compare.call([a, b], at);
      if (result.kind === "scalar") return Number(result.value);
      broken = true;
      if (result.kind !== "failed")
        notInTheLanguage(
          call.interpreter,
          "a comparison that gives a list, an object or a function",
          call.node,
          "return a negative number, 0 or a positive number",
        );
      return 0;
    }),
  );
  return broken ? undefined : sorted;
}
