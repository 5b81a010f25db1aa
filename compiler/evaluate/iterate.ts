import { ts } from "ts-morph";
import { callMethod } from "./call.ts";
import { type Interpreter, type Iterated, notInTheLanguage } from "./interpreter.ts";
import { listOf, type Maker } from "./list.ts";
import type { Scope } from "./scope.ts";
import { type List, scalar, type Value } from "./value.ts";

/**
 * What `for (… of x)` and `...x` go through: a list, the characters of a text, or the `entries()`, `keys()` and
 * `values()` of a list. Iterators are no values of the language: they change as they are read. `undefined` when
 * there is nothing, which has been reported.
 */
export function iterated(
  interpreter: Interpreter,
  node: ts.Expression,
  scope: Scope,
): Iterated | undefined {
  const callee = iteratorCall(node);
  if (callee === undefined) return valuesOf(interpreter, interpreter.evaluate(node, scope), node);
  const target = interpreter.evaluate(callee.access.expression, scope);
  if (target.kind !== "list") {
    const value = callMethod(interpreter, callee.call, callee.access, target, scope).value;
    return valuesOf(interpreter, value, node);
  }
  const items = elementsOf({ interpreter, node }, target, callee.access.name.text);
  return items && { items, list: target };
}

function valuesOf(interpreter: Interpreter, value: Value, node: ts.Node): Iterated | undefined {
  if (value.kind === "list") return { items: value.items, list: value };
  if (value.kind === "scalar" && typeof value.value === "string") {
    const at = interpreter.spanOf(node);
    // By code points, as JavaScript's own iterator of a text goes.
    const characters = Array.from(value.value, (character) => scalar(character, at));
    return interpreter.run.spend(characters.length, at)
      ? { items: characters, list: undefined }
      : undefined;
  }
  if (value.kind === "scalar" || value.kind === "callable")
    interpreter.refuse(
      "evaluate/type-error",
      "this cannot be gone through",
      node,
      "give a list or a text",
    );
  if (value.kind === "fields")
    notInTheLanguage(
      interpreter,
      "an object where a list is wanted",
      node,
      "go through Object.entries(…), or spread it into { }",
    );
  return undefined;
}

function elementsOf(maker: Maker, list: List, method: string): readonly Value[] | undefined {
  const { interpreter, node } = maker;
  const at = interpreter.spanOf(node);
  if (method === "values") return list.items;
  if (!interpreter.run.spend(list.items.length, at)) return undefined;
  if (method === "keys") return list.items.map((_, index) => scalar(index, at));
  return list.items.map((item, index) => listOf(maker, [scalar(index, at), item]));
}

function iteratorCall(
  node: ts.Expression,
): { call: ts.CallExpression; access: ts.PropertyAccessExpression } | undefined {
  if (ts.isParenthesizedExpression(node)) return iteratorCall(node.expression);
  if (!ts.isCallExpression(node) || node.arguments.length > 0) return undefined;
  const access = node.expression;
  if (!ts.isPropertyAccessExpression(access) || node.flags & ts.NodeFlags.OptionalChain)
    return undefined;
  return /^(entries|keys|values)$/.test(access.name.text) && !isGlobal(access.expression)
    ? { call: node, access }
    : undefined;
}

/** `Object.keys()` without an argument is no method of a list. */
function isGlobal(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && /^(Object|Array|Math|JSON|Number|String)$/.test(node.text);
}
