import type { ts } from "ts-morph";
import { budget } from "./budget.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { listOf } from "./list.ts";
import { text } from "./operators.ts";
import { failed, type Primitive, scalar, type Value } from "./value.ts";

type Method = (text: string, args: readonly Primitive[]) => Primitive | string[];

/**
 * The string methods of the language. JavaScript's own do the work, on the arguments as they were given: whether one
 * is missing or undefined makes a difference here and there. Only those that may grow are bounded first.
 */
export const stringMethods: ReadonlyMap<string, Method> = new Map<string, Method>(
  (
    [
      "at",
      "charAt",
      "charCodeAt",
      "codePointAt",
      "concat",
      "endsWith",
      "includes",
      "indexOf",
      "lastIndexOf",
      "padEnd",
      "padStart",
      "repeat",
      "replace",
      "replaceAll",
      "slice",
      "split",
      "startsWith",
      "substring",
      "toLowerCase",
      "toString",
      "toUpperCase",
      "trim",
      "trimEnd",
      "trimStart",
    ] as const
  ).map((name) => [
    name,
    (self, args) =>
      (self[name] as (...args: readonly Primitive[]) => Primitive | string[])(...args),
  ]),
);

export function callStringMethod(
  interpreter: Interpreter,
  self: string,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression,
): Value {
  const method = stringMethods.get(name);
  if (method === undefined) throw new Error(`impossible: ${name} is no string method`);
  const bare: Primitive[] = [];
  for (const arg of args) {
    if (arg.kind === "failed") return failed;
    if (arg.kind !== "scalar")
      return notInTheLanguage(
        interpreter,
        `${name} with a list, an object or a function`,
        node,
        "give texts and numbers",
      );
    bare.push(arg.value);
  }
  const at = interpreter.spanOf(node);
  const length = bare.reduce<number>(
    (sum, each) => sum + (typeof each === "string" ? each.length : 0),
    self.length,
  );
  // Searching and copying cost by length.
  if (!interpreter.run.spend(length >> 6, at)) return failed;
  if (refuseLarge(interpreter, self, name, bare, node)) return failed;
  const result = method(self, bare);
  if (Array.isArray(result))
    return listOf(
      { interpreter, node },
      result.map((part) => scalar(part, at)),
    );
  return typeof result === "string" ? text(interpreter, result, node) : scalar(result, at);
}

/** Asks how large the result would be before making it: `"x".repeat(1e9)` must not be tried. */
function refuseLarge(
  interpreter: Interpreter,
  self: string,
  name: string,
  args: readonly Primitive[],
  node: ts.CallExpression,
): boolean {
  const count = Number(args[0] ?? Number.NaN) || 0;
  if (name === "repeat" && (count <= -1 || count === Number.POSITIVE_INFINITY)) {
    interpreter.refuse(
      "evaluate/type-error",
      `repeat ${count} times`,
      node,
      "repeat a whole number of times, 0 or more",
    );
    return true;
  }
  const grown = grownTo(self, name, args, count);
  if (grown <= budget.text) return false;
  interpreter.refuse(
    "evaluate/too-large",
    `a text of about ${grown.toLocaleString("en")} characters; ${budget.text.toLocaleString("en")} is the most`,
    node,
    "keep large data out of definitions",
  );
  return true;
}

function grownTo(self: string, name: string, args: readonly Primitive[], count: number): number {
  switch (name) {
    case "repeat":
      return self.length * Math.trunc(count);
    case "padStart":
    case "padEnd":
      return count;
    case "replace":
      return self.length + replacement(self, args);
    case "replaceAll":
      return self.length + (self.split(String(args[0])).length - 1) * replacement(self, args);
    default:
      return 0;
  }
}

/** Patterns such as `$&` in a replacement stand for parts of the text itself. */
function replacement(self: string, [, by]: readonly Primitive[]): number {
  const said = String(by);
  return said.length * Math.max(1, (said.split("$").length - 1) * self.length);
}
