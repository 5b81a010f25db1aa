import type { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { text } from "./operators.ts";
import type { Value } from "./value.ts";

type Method = (
  interpreter: Interpreter,
  self: number,
  args: readonly Value[],
  node: ts.CallExpression,
) => Value;

/** The number methods of the language: those that write the same on every machine. */
export const numberMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["toFixed", written((self, digits) => self.toFixed(digits), 0, 100)],
  ["toString", written((self, radix) => self.toString(radix), 2, 36)],
]);

/** The argument is missing, or a number within JavaScript's own limits: outside them it throws. */
function written(
  write: (self: number, argument: number | undefined) => string,
  least: number,
  most: number,
): Method {
  return (interpreter, self, [argument], node) => {
    const given = argument?.kind === "scalar" ? argument.value : undefined;
    if (argument !== undefined && argument.kind !== "scalar")
      return notInTheLanguage(
        interpreter,
        "a list, an object or a function as a number",
        node,
        "give a number",
      );
    const number = given === undefined ? undefined : Math.trunc(Number(given)) || 0;
    if (number !== undefined && (number < least || number > most))
      return interpreter.refuse(
        "evaluate/type-error",
        `${number} is not from ${least} to ${most}`,
        node,
        `give a number from ${least} to ${most}`,
      );
    return text(interpreter, write(self, number), node);
  };
}
