import type { ts } from "ts-morph";
import { excessOf, refuseExcess } from "./extent.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { text } from "./operators.ts";
import { failed, plainOf, scalar, type Value } from "./value.ts";

/** `JSON.stringify` with a value and an indentation. */
export function stringify(
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
