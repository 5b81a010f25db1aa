import { type ArrayCall, type ArrayMethod, spanOf } from "./array-call.ts";
import { inOrder } from "./array-sort.ts";
import { refuseChange } from "./change.ts";
import { refusedAsTooLong } from "./list.ts";
import { failed, scalar, type Value } from "./value.ts";

/** The array methods that change the list itself. */
export const changingMethods = {
  push: changing(
    (call, items) => {
      for (const item of call.args) items.push(item);
      return scalar(items.length, spanOf(call));
    },
    ({ args }) => args.length,
  ),
  unshift: changing((call, items) => scalar(items.unshift(...call.args), spanOf(call))),
  pop: changing(
    (call, items) => items.pop() ?? scalar(undefined, spanOf(call)),
    () => 1,
  ),
  shift: changing((call, items) => items.shift() ?? scalar(undefined, spanOf(call))),
  reverse: changing((call, items) => {
    items.reverse();
    return call.list;
  }),
  sort: changing((call, items) => {
    const sorted = inOrder(call, "sort");
    if (sorted === undefined) return failed;
    for (const [index, item] of sorted.entries()) items[index] = item;
    return call.list;
  }),
} satisfies Record<string, ArrayMethod>;

/** Most of them move every element. */
function changing(
  change: (call: ArrayCall, items: Value[]) => Value,
  cost = ({ list, args }: ArrayCall) => list.items.length + args.length,
): ArrayMethod {
  return (call) => {
    const { interpreter, node, list, args } = call;
    if (refuseChange(interpreter, node, list)) return failed;
    if (refusedAsTooLong(interpreter, list.items.length + args.length, node)) return failed;
    return interpreter.run.spend(cost(call), spanOf(call)) ? change(call, list.items) : failed;
  };
}
