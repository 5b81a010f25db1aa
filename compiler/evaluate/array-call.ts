import type { ts } from "ts-morph";
import type { Span } from "../diagnostic/diagnostic.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { type Callable, type List, scalar, type Value } from "./value.ts";

/** One call of an array method. */
export interface ArrayCall {
  readonly interpreter: Interpreter;
  readonly node: ts.CallExpression;
  readonly list: List;
  readonly args: readonly Value[];
}

export type ArrayMethod = (call: ArrayCall) => Value;

export function spanOf({ interpreter, node }: ArrayCall): Span {
  return interpreter.spanOf(node);
}

export function argument(call: ArrayCall, index: number): Value {
  return call.args[index] ?? scalar(undefined, spanOf(call));
}

/** The function to call for each element; `undefined` when there is none, which has been reported. */
export function callback(call: ArrayCall): Callable | undefined {
  const [fn] = call.args;
  if (fn?.kind === "callable") return fn;
  call.interpreter.refuse(
    "evaluate/type-error",
    "a function is wanted here",
    call.node,
    "write an arrow function: (item) => …",
  );
  return undefined;
}

/** Arguments that must be numbers or missing; as many as were given. `undefined` when they are not. */
export function numbersOf(
  call: ArrayCall,
  args: readonly Value[],
): readonly (number | undefined)[] | undefined {
  const values: (number | undefined)[] = [];
  for (const arg of args) {
    if (arg.kind !== "scalar" || (typeof arg.value !== "number" && arg.value !== undefined)) {
      notInTheLanguage(
        call.interpreter,
        "anything but a number as a position",
        call.node,
        "give numbers",
      );
      return undefined;
    }
    values.push(arg.value);
  }
  return values;
}
