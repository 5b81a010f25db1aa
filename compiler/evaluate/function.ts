import { ts } from "ts-morph";
import type { Interpreter } from "./interpreter.ts";
import { bindParameters } from "./pattern.ts";
import { inside, type Scope } from "./scope.ts";
import { type Callable, failed, type Value } from "./value.ts";

/** A pure function with what it can see from where it stands. */
export function functionOf(
  interpreter: Interpreter,
  node: ts.ArrowFunction | ts.FunctionDeclaration | ts.FunctionExpression,
  scope: Scope,
): Value {
  const { body } = node;
  // The grammar has said what is wrong with a function that has none.
  if (body === undefined) return failed;
  const { run } = interpreter;
  // A function expression can call itself by its own name, which nobody else sees.
  const ownName = ts.isFunctionExpression(node) ? node.name?.text : undefined;
  const around = ownName === undefined ? scope : inside(scope);
  const callable: Callable = {
    kind: "callable",
    at: interpreter.spanOf(node),
    call: (args, at) => {
      if (!run.spend(1, at)) return failed;
      if (!run.enter()) return run.tooDeep(at);
      try {
        return run.activate((call) => {
          const own = inside(around, call);
          bindParameters(interpreter, [...node.parameters], args, own);
          return interpreter.body(body, ts.isBlock(body) ? inside(own) : own);
        });
      } finally {
        run.leave();
      }
    },
  };
  if (ownName !== undefined) around.names.set(ownName, callable);
  return callable;
}
