import { ts } from "ts-morph";
import { ended, property, unknownMember } from "./access.ts";
import { arrayMethods } from "./array-methods.ts";
import { budget } from "./budget.ts";
import { builtIns } from "./built-ins.ts";
import { type Interpreter, type Link, notInTheLanguage } from "./interpreter.ts";
import { numberMethods } from "./number-methods.ts";
import { lookUp, type Scope } from "./scope.ts";
import { callStringMethod, stringMethods } from "./string-methods.ts";
import { failed, type Value } from "./value.ts";

/** `f(…)`, `list.map(…)`, `Object.keys(…)`, `text?.trim()`. */
export function call(interpreter: Interpreter, node: ts.CallExpression, scope: Scope): Link {
  const known = builtInOf(node.expression, scope);
  if (known !== undefined) {
    const args = argumentsOf(interpreter, node, scope);
    return { value: args === undefined ? failed : known(interpreter, args, node), ended: false };
  }
  const callee = node.expression;
  if (ts.isPropertyAccessExpression(callee)) {
    const unknown = unknownMember(interpreter, callee, scope);
    if (unknown !== undefined) return { value: unknown, ended: false };
    const self = interpreter.chain(callee.expression, scope);
    return (
      ended(interpreter, callee, self) ?? callMethod(interpreter, node, callee, self.value, scope)
    );
  }
  const target = interpreter.chain(callee, scope);
  return (
    ended(interpreter, node, target) ?? {
      value: invoke(interpreter, target.value, node, scope),
      ended: false,
    }
  );
}

function invoke(interpreter: Interpreter, fn: Value, node: ts.CallExpression, scope: Scope): Value {
  const args = argumentsOf(interpreter, node, scope);
  if (fn.kind === "failed" || args === undefined) return failed;
  if (fn.kind !== "callable")
    return interpreter.refuse(
      "evaluate/type-error",
      "this is no function",
      node.expression,
      "call a function",
    );
  return fn.call(args, interpreter.spanOf(node));
}

/** The call of a method on a value that is known already. */
export function callMethod(
  interpreter: Interpreter,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
  self: Value,
  scope: Scope,
): Link {
  const done = (value: Value): Link => ({ value, ended: false });
  const name = callee.name.text;
  if (self.kind === "fields" || self.kind === "callable") {
    const own = done(property(interpreter, self, name, callee));
    return ended(interpreter, node, own) ?? done(invoke(interpreter, own.value, node, scope));
  }
  if (self.kind === "scalar" && (self.value === null || self.value === undefined)) {
    const message = `${self.value} has no method ${name}`;
    const cure = "use ?. where the value may be missing";
    return done(interpreter.refuse("evaluate/type-error", message, callee, cure));
  }
  const args = argumentsOf(interpreter, node, scope);
  if (args === undefined || self.kind === "failed") return done(failed);
  if (self.kind === "list") {
    const method = arrayMethods.get(name);
    if (method !== undefined) return done(method({ interpreter, node, list: self, args }));
  } else if (typeof self.value === "string") {
    if (stringMethods.has(name))
      return done(callStringMethod(interpreter, self.value, name, args, node));
  } else if (typeof self.value === "number") {
    const method = numberMethods.get(name);
    if (method !== undefined) return done(method(interpreter, self.value, args, node));
  }
  return done(unknownMethod(interpreter, self, callee.name));
}

const methodsOf = {
  list: ["a list", () => [...arrayMethods.keys()]],
  string: ["a text", () => [...stringMethods.keys()]],
  number: ["a number", () => [...numberMethods.keys()]],
} as const;

function unknownMethod(interpreter: Interpreter, self: Value, name: ts.MemberName): Value {
  const type = self.kind === "scalar" ? typeof self.value : self.kind;
  if (type !== "list" && type !== "string" && type !== "number")
    return notInTheLanguage(
      interpreter,
      `the method ${name.text} of ${type}s`,
      name,
      "use String(…)",
    );
  const [what, methods] = methodsOf[type];
  const iterators = type === "list" && /^(entries|keys|values)$/.test(name.text);
  return notInTheLanguage(
    interpreter,
    `the method ${name.text} of ${what}`,
    name,
    iterators
      ? `spread it or go through it: [...list.${name.text}()]`
      : `use one of ${methods().join(", ")}`,
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
    if (ts.isSpreadElement(argument)) {
      const items = interpreter.iterate(argument.expression, scope)?.items;
      whole &&= items !== undefined;
      for (const item of items ?? []) values.push(item);
    } else {
      const value = interpreter.evaluate(argument, scope);
      whole &&= value.kind !== "failed";
      values.push(value);
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
  return whole ? values : undefined;
}

/** A function of JavaScript's own, unless the file gives its name another meaning. */
function builtInOf(callee: ts.Expression, scope: Scope) {
  if (ts.isIdentifier(callee)) {
    const known = builtIns.get(callee.text);
    return known !== undefined && lookUp(scope, callee.text) === "undeclared" ? known : undefined;
  }
  if (
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    callee.questionDotToken === undefined
  ) {
    const { text } = callee.expression;
    const known = builtIns.get(`${text}.${callee.name.text}`);
    return known !== undefined && lookUp(scope, text) === "undeclared" ? known : undefined;
  }
  return undefined;
}
