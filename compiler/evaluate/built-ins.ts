import type { ts } from "ts-morph";
import { listOf } from "./array-methods.ts";
import { excessOf, refuseExcess } from "./extent.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { text } from "./operators.ts";
import {
  type Field,
  type Fields,
  failed,
  fieldsOf,
  type Primitive,
  plainOf,
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
        })),
      ),
    ),
  ],
  ["Object.fromEntries", fromEntries],
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
  ["Number.isInteger", onPrimitive((value) => Number.isInteger(value))],
  ["JSON.stringify", stringify],
  ...(["abs", "ceil", "floor", "round", "trunc", "sign", "sqrt", "max", "min"] as const).map(
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
  return fieldsOf(entries, interpreter.spanOf(node));
}

function stringify(
  interpreter: Interpreter,
  args: readonly Value[],
  node: ts.CallExpression,
): Value {
  const [value, replacer, space] = args;
  const plain =
    replacer === undefined ||
    (replacer.kind === "scalar" && (replacer.value === null || replacer.value === undefined));
  if (!plain || (space !== undefined && space.kind !== "scalar"))
    return notInTheLanguage(
      interpreter,
      "JSON.stringify with a replacer",
      node,
      "give the value, null, and an indentation",
    );
  if (value === undefined || value.kind === "callable")
    return scalar(undefined, interpreter.spanOf(node));
  if (value.kind === "failed") return failed;
  const excess = excessOf(value);
  if (excess !== undefined) return refuseExcess(interpreter.run, excess, interpreter.spanOf(node));
  if (hasToJson(value))
    return notInTheLanguage(interpreter, "a function toJSON", node, "choose another name");
  const said = JSON.stringify(
    plainOf(value),
    null,
    (space?.value ?? undefined) as string | number | undefined,
  );
  return said === undefined
    ? scalar(undefined, interpreter.spanOf(node))
    : text(interpreter, said, node);
}

/** JavaScript would call it, and write what it gives. */
function hasToJson(value: Value): boolean {
  if (value.kind === "list") return value.items.some(hasToJson);
  if (value.kind !== "fields") return false;
  if (value.fields.get("toJSON")?.value.kind === "callable") return true;
  return [...value.fields.values()].some((field) => hasToJson(field.value));
}
