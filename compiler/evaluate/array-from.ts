import type { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { goingThrough, listOf, refusedAsTooLong } from "./list.ts";
import { failed, scalar, type Value } from "./value.ts";

/** From a list, a text or `{ length }`, with a function of element and index. */
export function arrayFrom(
  interpreter: Interpreter,
  [source, fn]: readonly Value[],
  node: ts.CallExpression,
): Value {
  const elements = elementsFrom(interpreter, source, node);
  if (elements === undefined || !interpreter.run.spend(elements.length, interpreter.spanOf(node)))
    return failed;
  if (fn === undefined || (fn.kind === "scalar" && fn.value === undefined))
    return listOf({ interpreter, node }, elements);
  if (fn.kind !== "callable")
    return interpreter.refuse(
      "evaluate/type-error",
      "a function is wanted here",
      node,
      "write an arrow function: (item, index) => …",
    );
  const at = interpreter.spanOf(node);
  const results: Value[] = [];
  const list = source?.kind === "list" ? source : undefined;
  const finished = goingThrough(list, () =>
    elements.every((element, index) => {
      const result = fn.call([element, scalar(index, at)], at);
      results.push(result);
      return result.kind !== "failed";
    }),
  );
  return finished ? listOf({ interpreter, node }, results) : failed;
}

function elementsFrom(
  interpreter: Interpreter,
  source: Value | undefined,
  node: ts.CallExpression,
): Value[] | undefined {
  const at = interpreter.spanOf(node);
  if (source?.kind === "list") return [...source.items];
  if (source?.kind === "scalar" && typeof source.value === "string")
    return Array.from(source.value, (character) => scalar(character, at));
  const length = source?.kind === "fields" ? source.fields.get("length")?.value : undefined;
  if (
    source?.kind === "fields" &&
    source.fields.size === 1 &&
    length?.kind === "scalar" &&
    typeof length.value === "number"
  ) {
    const count = Math.max(0, Math.trunc(length.value) || 0);
    if (refusedAsTooLong(interpreter, count, node)) return undefined;
    return Array.from({ length: count }, () => scalar(undefined, at));
  }
  if (length?.kind === "failed") return undefined;
  notInTheLanguage(
    interpreter,
    "Array.from of this value",
    node,
    "give a list, a text, or { length: … }",
  );
  return undefined;
}
