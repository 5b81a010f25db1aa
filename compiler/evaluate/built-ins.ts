import type { ts } from "ts-morph";
import { propertyKey } from "./access.ts";
import { arrayFrom } from "./array-from.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { listOf } from "./list.ts";
import { costOfText, text } from "./operators.ts";
import { stringify } from "./stringify.ts";
import {
  type Field,
  type Fields,
  failed,
  fieldsOf,
  type Primitive,
  scalar,
  type Value,
} from "./value.ts";

type BuiltIn = (interpreter: Interpreter, args: readonly Value[], node: ts.CallExpression) => Value;

const constants: ReadonlyMap<string, Primitive> = new Map<string, Primitive>([
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
]);

/** The value of a name that JavaScript itself brings; "unknown" for all others. */
export function constantOf(name: string): Primitive | "unknown" {
  return constants.has(name) ? constants.get(name) : "unknown";
}

/** A name that can be called, or that functions are called by: `String`, `Math`. */
export function isBuiltIn(name: string): boolean {
  return builtIns.has(name) || /^(Math|Object|Array|JSON)$/.test(name);
}

/** Functions that JavaScript itself brings, by the name they are called by. Only exact ones: the same on every machine. */
export const builtIns: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  [
    "Object.keys",
    onFields((fields, call) =>
      listOf(
        call,
        [...fields.fields].map(([key, field]) => scalar(key, field.key)),
      ),
    ),
  ],
  [
    "Object.values",
    onFields((fields, call) =>
      listOf(
        call,
        [...fields.fields.values()].map(({ value }) => value),
      ),
    ),
  ],
  [
    "Object.entries",
    onFields((fields, call) =>
      listOf(
        call,
        [...fields.fields].map(([key, field]) => ({
          kind: "list" as const,
          items: [scalar(key, field.key), field.value],
          at: field.key,
          owner: call.interpreter.run.call,
        })),
      ),
    ),
  ],
  ["Object.fromEntries", fromEntries],
  [
    "Object.hasOwn",
    (interpreter, [value, key], node) =>
      onFields((fields) => {
        const name = key === undefined ? "undefined" : propertyKey(interpreter, key, node);
        if (name === undefined) return failed;
        return scalar(fields.fields.has(name), interpreter.spanOf(node));
      })(interpreter, value === undefined ? [] : [value], node),
  ],
  ["Array.from", arrayFrom],
  [
    "Array.isArray",
    (interpreter, [value], node) => scalar(value?.kind === "list", interpreter.spanOf(node)),
  ],
  ["String", onPrimitive((value, given) => (given ? String(value) : ""))],
  ["Number", onPrimitive((value, given) => (given ? Number(value) : 0))],
  [
    "Boolean",
    (interpreter, [value], node) =>
      scalar(
        value !== undefined && (value.kind !== "scalar" || Boolean(value.value)),
        interpreter.spanOf(node),
      ),
  ],
  ...(["isFinite", "isInteger", "isNaN", "isSafeInteger"] as const).map(
    (name) => [`Number.${name}`, onPrimitive((value) => Number[name](value))] as const,
  ),
  ...(["parseFloat", "Number.parseFloat"] as const).map(
    (name) => [name, onPrimitive((value) => Number.parseFloat(String(value)))] as const,
  ),
  ...(["parseInt", "Number.parseInt"] as const).map((name) => [name, parseWhole] as const),
  ["JSON.stringify", stringify],
  ...(
    [
      ...(["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min"] as const),
      ...(["round", "sign", "sqrt", "trunc"] as const),
    ] as const
  ).map(
    (name) =>
      [
        `Math.${name}`,
        onNumbers((...values) => (Math[name] as (...values: number[]) => number)(...values)),
      ] as const,
  ),
]);

function onFields(
  then: (fields: Fields, call: { interpreter: Interpreter; node: ts.CallExpression }) => Value,
): BuiltIn {
  return (interpreter, [value], node) => {
    if (value?.kind === "fields" && hasFailed(value)) return failed;
    if (value?.kind !== "fields")
      return notInTheLanguage(
        interpreter,
        "Object methods on anything but an object",
        node,
        "give an object",
      );
    return then(value, { interpreter, node });
  };
}

function hasFailed({ fields }: Fields): boolean {
  for (const { value } of fields.values()) if (value.kind === "failed") return true;
  return false;
}

function onPrimitive(calculate: (value: Primitive, given: boolean) => Primitive): BuiltIn {
  return (interpreter, args, node) => {
    const [value] = args;
    if (value !== undefined && value.kind !== "scalar")
      return notInTheLanguage(
        interpreter,
        "turning a list, an object or a function into a text or number",
        node,
        "use join, or JSON.stringify",
      );
    if (value !== undefined && !interpreter.run.spend(costOfText(value), interpreter.spanOf(node)))
      return failed;
    const result = calculate(value?.value, args.length > 0);
    return typeof result === "string"
      ? text(interpreter, result, node)
      : scalar(result, interpreter.spanOf(node));
  };
}

function onNumbers(calculate: (...values: number[]) => number): BuiltIn {
  return (interpreter, args, node) => {
    const values: number[] = [];
    for (const arg of args) {
      if (arg.kind !== "scalar")
        return notInTheLanguage(
          interpreter,
          "calculating with a list, an object or a function",
          node,
          "spread a list: Math.max(...list)",
        );
      values.push(Number(arg.value));
    }
    return scalar(calculate(...values), interpreter.spanOf(node));
  };
}

function parseWhole(
  interpreter: Interpreter,
  [value, radix]: readonly Value[],
  node: ts.CallExpression,
): Value {
  if (radix !== undefined && radix.kind !== "scalar")
    return notInTheLanguage(interpreter, "a list or an object as a base", node, "give a number");
  return onPrimitive((text) =>
    Number.parseInt(String(text), radix === undefined ? undefined : Number(radix.value)),
  )(interpreter, value === undefined ? [] : [value], node);
}

function fromEntries(
  interpreter: Interpreter,
  [list]: readonly Value[],
  node: ts.CallExpression,
): Value {
  const refuse = () =>
    notInTheLanguage(
      interpreter,
      "Object.fromEntries of anything but a list of [key, value]",
      node,
      "give [[key, value], …]",
    );
  if (list?.kind !== "list") return refuse();
  const entries: [string, Field][] = [];
  for (const entry of list.items) {
    const [key, value] = entry.kind === "list" ? entry.items : [];
    if (key?.kind !== "scalar" || key.value === "__proto__") return refuse();
    const at = interpreter.spanOf(node);
    entries.push([String(key.value), { key: key.at, value: value ?? scalar(undefined, at) }]);
  }
  const at = interpreter.spanOf(node);
  return interpreter.run.spend(entries.length, at)
    ? fieldsOf(entries, at, { owner: interpreter.run.call })
    : failed;
}
