import type { ts } from "ts-morph";
import { listOf } from "./array-methods.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { text } from "./operators.ts";
import { budget } from "./run.ts";
import { type Primitive, scalar, type Value } from "./value.ts";

type Method = (text: string, args: readonly Primitive[]) => Primitive | string[];

/** The string methods of the language. JavaScript's own do the work; only those that may grow are bounded first. */
const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["toUpperCase", (self) => self.toUpperCase()],
  ["toLowerCase", (self) => self.toLowerCase()],
  ["trim", (self) => self.trim()],
  ["trimStart", (self) => self.trimStart()],
  ["trimEnd", (self) => self.trimEnd()],
  ["startsWith", (self, [search, from]) => self.startsWith(String(search), asNumber(from))],
  ["endsWith", (self, [search, to]) => self.endsWith(String(search), asNumber(to))],
  ["includes", (self, [search, from]) => self.includes(String(search), asNumber(from))],
  ["indexOf", (self, [search, from]) => self.indexOf(String(search), asNumber(from))],
  ["slice", (self, [from, to]) => self.slice(asNumber(from), asNumber(to))],
  ["at", (self, [index]) => self.at(Number(index ?? 0))],
  ["padStart", (self, [length, fill]) => self.padStart(Number(length), asText(fill))],
  ["padEnd", (self, [length, fill]) => self.padEnd(Number(length), asText(fill))],
  ["repeat", (self, [count]) => self.repeat(Number(count ?? 0))],
  [
    "split",
    (self, [separator, limit]) =>
      separator === undefined
        ? [self].slice(0, asNumber(limit) === 0 ? 0 : 1)
        : self.split(String(separator), asNumber(limit)),
  ],
  ["replace", (self, [search, by]) => self.replace(String(search), String(by))],
  ["replaceAll", (self, [search, by]) => self.replaceAll(String(search), String(by))],
  ["concat", (self, args) => self.concat(...args.map(String))],
  ["toString", (self) => self],
]);

function asNumber(value: Primitive): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function asText(value: Primitive): string | undefined {
  return value === undefined ? undefined : String(value);
}

export function isStringMethod(name: string): boolean {
  return methods.has(name);
}

export function callStringMethod(
  interpreter: Interpreter,
  self: string,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression,
): Value {
  const method = methods.get(name);
  if (method === undefined)
    return notInTheLanguage(
      interpreter,
      `the method ${name}`,
      node,
      `use one of ${[...methods.keys()].join(", ")}`,
    );
  const bare: Primitive[] = [];
  for (const arg of args) {
    if (arg.kind === "failed") return arg;
    if (arg.kind !== "scalar")
      return notInTheLanguage(
        interpreter,
        `${name} with a list, an object or a function`,
        node,
        "give texts and numbers",
      );
    bare.push(arg.value);
  }
  const refused = refuseLarge(interpreter, self, name, bare, node);
  if (refused !== undefined) return refused;
  const result = method(self, bare);
  const at = interpreter.spanOf(node);
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
): Value | undefined {
  const count = Number(args[0] ?? 0);
  if (name === "repeat" && (count < 0 || count === Number.POSITIVE_INFINITY)) {
    return interpreter.refuse(
      "evaluate/type-error",
      `repeat ${count} times`,
      node,
      "repeat a whole number of times, 0 or more",
    );
  }
  const grown =
    name === "repeat"
      ? self.length * Math.trunc(count || 0)
      : name === "padStart" || name === "padEnd"
        ? count
        : name === "replaceAll"
          ? self.length +
            (self.split(String(args[0])).length - 1) *
              String(args[1]).length *
              Math.max(1, dollars(String(args[1])) * self.length)
          : name === "replace"
            ? self.length +
              String(args[1]).length * Math.max(1, dollars(String(args[1])) * self.length)
            : 0;
  if (grown <= budget.text) return undefined;
  return interpreter.refuse(
    "evaluate/too-large",
    `a text of about ${grown.toLocaleString("en")} characters; ${budget.text.toLocaleString("en")} is the most`,
    node,
    "keep large data out of definitions",
  );
}

/** Patterns such as `$&` in a replacement stand for parts of the text itself. */
function dollars(by: string): number {
  return by.split("$").length - 1;
}
