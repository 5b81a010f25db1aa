import { ts } from "ts-morph";
import { type Interpreter, type Link, notInTheLanguage } from "./interpreter.ts";
import { costOfText } from "./operators.ts";
import { lookUp, type Scope } from "./scope.ts";
import { failed, isNullish, scalar, type Value } from "./value.ts";

/** `a.b`, `a[b]`, and the same after `?.`. */
export function access(
  interpreter: Interpreter,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  scope: Scope,
): Link {
  const constant = memberConstantOf(node, scope);
  if (constant !== undefined)
    return { value: scalar(constant, interpreter.spanOf(node)), ended: false };
  const unknown = unknownMember(interpreter, node, scope);
  if (unknown !== undefined) return { value: unknown, ended: false };
  const target = interpreter.chain(node.expression, scope);
  const stop = ended(interpreter, node, target);
  if (stop !== undefined) return stop;
  const key = keyOf(interpreter, node, scope);
  return {
    value: key === undefined ? failed : property(interpreter, target.value, key, node),
    ended: false,
  };
}

/** `Math.PI` and the like, unless the file gives the name another meaning. */
const memberConstants: ReadonlyMap<string, number> = new Map([
  ["Math.PI", Math.PI],
  ["Math.E", Math.E],
  ["Number.EPSILON", Number.EPSILON],
  ["Number.MAX_SAFE_INTEGER", Number.MAX_SAFE_INTEGER],
  ["Number.MIN_SAFE_INTEGER", Number.MIN_SAFE_INTEGER],
  ["Number.MAX_VALUE", Number.MAX_VALUE],
  ["Number.MIN_VALUE", Number.MIN_VALUE],
  ["Number.POSITIVE_INFINITY", Number.POSITIVE_INFINITY],
  ["Number.NEGATIVE_INFINITY", Number.NEGATIVE_INFINITY],
  ["Number.NaN", Number.NaN],
]);

export const memberConstantNames: readonly string[] = [...memberConstants.keys()];

function memberConstantOf(
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  scope: Scope,
): number | undefined {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const known = memberConstants.get(`${node.expression.text}.${node.name.text}`);
  return known !== undefined && lookUp(scope, node.expression.text) === "undeclared"
    ? known
    : undefined;
}

/** Objects of JavaScript's own of which some members are in the language: all others are refused by their whole name. */
const globals = new Set(["Math", "Number", "Object", "Array", "JSON", "String", "Boolean"]);

export function unknownMember(
  interpreter: Interpreter,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  scope: Scope,
): Value | undefined {
  const { expression } = node;
  if (!ts.isIdentifier(expression) || !globals.has(expression.text)) return undefined;
  if (lookUp(scope, expression.text) !== "undeclared") return undefined;
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : "[…]";
  return notInTheLanguage(
    interpreter,
    `${expression.text}.${name}`,
    node,
    "schema/LANGUAGE.md lists the functions that definitions can call",
  );
}

/** Whether the chain goes no further: it has ended, failed, or ends here at a `?.` on nothing. */
export function ended(
  interpreter: Interpreter,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression,
  target: Link,
): Link | undefined {
  if (target.value.kind === "failed") return { value: failed, ended: false };
  const chained = (node.flags & ts.NodeFlags.OptionalChain) !== 0;
  if (target.ended && chained) return target;
  if (node.questionDotToken !== undefined && isNullish(target.value)) {
    return { value: scalar(undefined, interpreter.spanOf(node)), ended: true };
  }
  return undefined;
}

function keyOf(
  interpreter: Interpreter,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  scope: Scope,
): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return propertyKey(
    interpreter,
    interpreter.evaluate(node.argumentExpression, scope),
    node.argumentExpression,
  );
}

/** A computed key as JavaScript writes it; `undefined` when it failed or is no primitive. */
export function propertyKey(
  interpreter: Interpreter,
  key: Value,
  node: ts.Node,
): string | undefined {
  if (key.kind === "failed") return undefined;
  if (key.kind === "scalar")
    return interpreter.run.spend(costOfText(key), interpreter.spanOf(node))
      ? String(key.value)
      : undefined;
  notInTheLanguage(
    interpreter,
    "a list, an object or a function as a key",
    node,
    "use a text or a number",
  );
  return undefined;
}

/** A property that an object itself has. What it would inherit (`toString`, `constructor`) is refused, never guessed. */
export function property(
  interpreter: Interpreter,
  target: Value,
  key: string,
  node: ts.Node,
): Value {
  const at = interpreter.spanOf(node);
  switch (target.kind) {
    case "failed":
      return failed;
    case "fields": {
      const field = target.fields.get(key);
      if (field !== undefined) return field.value;
      return key in Object.prototype ? inherited(interpreter, key, node) : scalar(undefined, at);
    }
    case "list": {
      if (key === "length") return scalar(target.items.length, at);
      const item = isWholeNumber(key) ? target.items[Number(key)] : undefined;
      if (item !== undefined) return item;
      return key in Array.prototype ? inherited(interpreter, key, node) : scalar(undefined, at);
    }
    case "callable":
      return inherited(interpreter, key, node);
    case "scalar": {
      if (target.value === null || target.value === undefined) {
        return interpreter.refuse(
          "evaluate/type-error",
          `${target.value} has no property ${key}`,
          node,
          "use ?. where the value may be missing",
        );
      }
      if (typeof target.value !== "string") return inherited(interpreter, key, node);
      if (key === "length") return scalar(target.value.length, at);
      if (isWholeNumber(key)) return scalar(target.value[Number(key)], at);
      return inherited(interpreter, key, node);
    }
  }
}

function isWholeNumber(key: string): boolean {
  return /^(0|[1-9]\d{0,15})$/.test(key);
}

function inherited(interpreter: Interpreter, key: string, node: ts.Node): Value {
  return notInTheLanguage(
    interpreter,
    `the property ${key} of this value`,
    node,
    "read only fields that were written, length, and elements",
  );
}
