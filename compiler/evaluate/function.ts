import { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { bindParameters } from "./pattern.ts";
import { inside, type Scope } from "./scope.ts";
import { type Callable, failed, type Value } from "./value.ts";

/** A pure function with what it can see from where it stands. */
export function functionOf(
  interpreter: Interpreter,
  node: ts.ArrowFunction | ts.FunctionDeclaration,
  scope: Scope,
): Value {
  if (
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ||
    node.asteriskToken !== undefined
  ) {
    return notInTheLanguage(
      interpreter,
      "async functions and generators",
      node,
      "write a plain function",
    );
  }
  const { body } = node;
  if (body === undefined)
    return notInTheLanguage(interpreter, "a function without a body", node, "give it one");
  const callable: Callable = {
    kind: "callable",
    at: interpreter.spanOf(node),
    call: (args, at) =>
      interpreter.run.deeper(at, () => {
        if (!interpreter.run.spend(1, at)) return failed;
        const own = inside(scope);
        bindParameters(interpreter, [...node.parameters], args, own);
        return interpreter.body(body, inside(own));
      }),
  };
  return callable;
}
