import type { ts } from "ts-morph";
import type { Span } from "../diagnostic/diagnostic.ts";
import { budget } from "./budget.ts";
import type { Interpreter } from "./interpreter.ts";
import { failed, type List, type Value } from "./value.ts";

/** Where a list is made. */
export interface Maker {
  readonly interpreter: Interpreter;
  readonly node: ts.Node;
}

/** A new list, which belongs to the call that is running. Takes the array: nobody else may keep it. */
export function listOf(
  { interpreter, node }: Maker,
  items: Value[],
  places?: readonly Span[],
): List | typeof failed {
  const at = interpreter.spanOf(node);
  if (refusedAsTooLong(interpreter, items.length, node)) return failed;
  if (!interpreter.run.spend(items.length, at)) return failed;
  const owner = interpreter.run.call;
  return { kind: "list", items, at, owner, ...(places !== undefined && { places }) };
}

export function refusedAsTooLong(interpreter: Interpreter, length: number, node: ts.Node): boolean {
  if (length <= budget.items) return false;
  interpreter.refuse(
    "evaluate/too-large",
    `a list of ${length.toLocaleString("en")} elements; ${budget.items.toLocaleString("en")} is the most`,
    node,
    "make a shorter list",
  );
  return true;
}

/** Does something with a list that may not change meanwhile: a method or a loop goes through it. */
export function goingThrough<T>(list: List | undefined, go: () => T): T {
  if (list === undefined) return go();
  const real = list.same?.kind === "list" ? list.same : list;
  real.busy = (real.busy ?? 0) + 1;
  try {
    return go();
  } finally {
    real.busy -= 1;
  }
}
