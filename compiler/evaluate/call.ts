import { ts } from "ts-morph";
import { ended, property } from "./access.ts";
import { arrayMethods } from "./array-methods.ts";
import { builtIns } from "./built-ins.ts";
import { type Interpreter, type Link, notInTheLanguage } from "./interpreter.ts";
import { budget } from "./run.ts";
import { lookUp, type Scope } from "./scope.ts";
import { callStringMethod, isStringMethod } from "./string-methods.ts";
import { failed, scalar, type Value } from "./value.ts";

/** `f(…)`, `list.map(…)`, `Object.keys(…)`, `text?.trim()`. */
export function call(interpreter: Interpreter, node: ts.CallExpression, scope: Scope): Link {
  const done = (value: Value): Link => ({ value, ended: false });
  const known = builtInOf(node.expression, scope);
  if (known !== undefined) {
    const args = argumentsOf(interpreter, node, scope);
    return done(args === undefined ? failed : known(interpreter, args, node));
  }
  if (ts.isPropertyAccessExpression(node.expression))
    return methodCall(interpreter, node, node.expression, scope);
  const target = interpreter.chain(node.expression, scope);
  const stop = ended(interpreter, node, target);
  if (stop !== undefined) return stop;
  return done(invoke(interpreter, target.value, node, scope));
}

function invoke(interpreter: Interpreter, fn: Value, node: ts.CallExpression, scope: Scope): Value {
  if (fn.kind === "failed") return failed;
  if (fn.kind !== "callable")
    return interpreter.refuse(
      "evaluate/type-error",
      "this is no function",
      node.expression,
      "call a function",
    );
  const args = argumentsOf(interpreter, node, scope);
  return args === undefined ? failed : fn.call(args, interpreter.spanOf(node));
}

function methodCall(
  interpreter: Interpreter,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
  scope: Scope,
): Link {
  const done = (value: Value): Link => ({ value, ended: false });
  const self = interpreter.chain(callee.expression, scope);
  const stop = ended(interpreter, callee, self);
  if (stop !== undefined) return stop;
  const { value } = self;
  const name = callee.name.text;
  if (value.kind === "fields" || value.kind === "callable") {
    const own = { value: property(interpreter, value, name, callee), ended: false };
    const stopped = ended(interpreter, node, own);
    return stopped ?? done(invoke(interpreter, own.value, node, scope));
  }
  const args = argumentsOf(interpreter, node, scope);
  if (args === undefined || value.kind === "failed") return done(failed);
  if (value.kind === "list") {
    const method = arrayMethods.get(name);
    if (method !== undefined) return done(method({ interpreter, node, list: value, args }));
    return done(
      notInTheLanguage(
        interpreter,
        `the method ${name}`,
        callee.name,
        `use one of ${[...arrayMethods.keys()].join(", ")}`,
      ),
    );
  }
  if (value.value === null || value.value === undefined) {
    return done(
      interpreter.refuse(
        "evaluate/type-error",
        `${value.value} has no method ${name}`,
        callee,
        "use ?. where the value may be missing",
      ),
    );
  }
  if (typeof value.value === "string" && isStringMethod(name))
    return done(callStringMethod(interpreter, value.value, name, args, node));
  if (typeof value.value === "number")
    return done(numberMethod(interpreter, value.value, name, args, node));
  return done(
    notInTheLanguage(
      interpreter,
      `the method ${name} of this value`,
      callee.name,
      "see the language's list of methods",
    ),
  );
}

function numberMethod(
  interpreter: Interpreter,
  self: number,
  name: string,
  [digits]: readonly Value[],
  node: ts.CallExpression,
): Value {
  const at = interpreter.spanOf(node);
  const given = digits?.kind === "scalar" ? digits.value : undefined;
  if (
    digits !== undefined &&
    (digits.kind !== "scalar" ||
      (given !== undefined && !(typeof given === "number" && given >= 0 && given <= 36)))
  ) {
    return interpreter.refuse(
      "evaluate/type-error",
      `${name} takes a number of digits`,
      node,
      "give a number from 0 to 36",
    );
  }
  const number = given as number | undefined;
  if (name === "toFixed") return scalar(self.toFixed(number), at);
  if (name === "toString" && (number === undefined || number === 10))
    return scalar(self.toString(), at);
  return notInTheLanguage(
    interpreter,
    `the method ${name} of a number`,
    node,
    "use toFixed, toString or a template",
  );
}

/** `undefined` when one failed. A spread list gives its elements. */
function argumentsOf(
  interpreter: Interpreter,
  node: ts.CallExpression,
  scope: Scope,
): readonly Value[] | undefined {
  const values: Value[] = [];
  let whole = true;
  for (const argument of node.arguments) {
    if (!ts.isSpreadElement(argument)) {
      values.push(interpreter.evaluate(argument, scope));
      continue;
    }
    const list = interpreter.evaluate(argument.expression, scope);
    if (list.kind === "list") for (const item of list.items) values.push(item);
    else {
      whole = false;
      if (list.kind !== "failed")
        notInTheLanguage(
          interpreter,
          "spreading anything but a list into arguments",
          argument,
          "give a list",
        );
    }
  }
  if (values.length > budget.args) {
    interpreter.refuse(
      "evaluate/too-large",
      `a call with ${values.length} arguments; ${budget.args} is the most`,
      node,
      "use reduce",
    );
    return undefined;
  }
  return whole && values.every(({ kind }) => kind !== "failed") ? values : undefined;
}

/** A function of JavaScript's own, unless the file gives its name another meaning. */
function builtInOf(callee: ts.Expression, scope: Scope) {
  if (ts.isIdentifier(callee)) {
    return lookUp(scope, callee.text) === "undeclared" ? builtIns.get(callee.text) : undefined;
  }
  if (
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    callee.questionDotToken === undefined
  ) {
    const { text } = callee.expression;
    return lookUp(scope, text) === "undeclared"
      ? builtIns.get(`${text}.${callee.name.text}`)
      : undefined;
  }
  return undefined;
}
