import { ts } from "ts-morph";
import { property, propertyKey } from "./access.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import type { Scope } from "./scope.ts";
import { failed, fieldsOf, type Value } from "./value.ts";

/** Gives names to the parts of a value. Names whose part failed are bound to the failure, so nothing is reported twice. */
export function bind(
  interpreter: Interpreter,
  pattern: ts.BindingName,
  value: Value,
  scope: Scope,
): void {
  if (ts.isIdentifier(pattern)) {
    scope.names.set(pattern.text, value);
    return;
  }
  const whole = destructible(interpreter, pattern, value);
  const taken = new Set<string>();
  pattern.elements.forEach((element, index) => {
    if (ts.isOmittedExpression(element)) return;
    const part = ts.isArrayBindingPattern(pattern)
      ? elementAt(interpreter, element, whole, index)
      : fieldOf(interpreter, element, whole, taken, scope);
    bind(interpreter, element.name, withDefault(interpreter, element, part, scope), scope);
  });
}

/** All names that a pattern declares. */
export function namesIn(pattern: ts.BindingName): string[] {
  if (ts.isIdentifier(pattern)) return [pattern.text];
  return pattern.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : namesIn(element.name),
  );
}

function destructible(interpreter: Interpreter, pattern: ts.BindingPattern, value: Value): Value {
  if (value.kind === "failed") return failed;
  if (ts.isArrayBindingPattern(pattern)) {
    return value.kind === "list"
      ? value
      : interpreter.refuse(
          "evaluate/type-error",
          "only a list can be taken apart with [ ]",
          pattern,
          "use { } for an object",
        );
  }
  return value.kind === "fields"
    ? value
    : interpreter.refuse(
        "evaluate/type-error",
        "only an object can be taken apart with { }",
        pattern,
        "use [ ] for a list",
      );
}

function elementAt(
  interpreter: Interpreter,
  element: ts.BindingElement,
  whole: Value,
  index: number,
): Value {
  if (whole.kind !== "list") return failed;
  if (element.dotDotDotToken !== undefined) {
    return { kind: "list", items: whole.items.slice(index), at: interpreter.spanOf(element) };
  }
  return property(interpreter, whole, String(index), element);
}

function fieldOf(
  interpreter: Interpreter,
  element: ts.BindingElement,
  whole: Value,
  taken: Set<string>,
  scope: Scope,
): Value {
  if (whole.kind !== "fields") return failed;
  if (element.dotDotDotToken !== undefined) {
    return fieldsOf(
      [...whole.fields].filter(([key]) => !taken.has(key)),
      interpreter.spanOf(element),
    );
  }
  const key = nameOf(interpreter, element, scope);
  if (key === undefined) return failed;
  taken.add(key);
  return property(interpreter, whole, key, element);
}

function nameOf(
  interpreter: Interpreter,
  { propertyName, name }: ts.BindingElement,
  scope: Scope,
): string | undefined {
  const written = propertyName ?? name;
  if (ts.isIdentifier(written) || ts.isStringLiteral(written) || ts.isNumericLiteral(written))
    return written.text;
  if (ts.isComputedPropertyName(written)) {
    return propertyKey(interpreter, interpreter.evaluate(written.expression, scope), written);
  }
  notInTheLanguage(interpreter, "this key", written, "use a plain name");
  return undefined;
}

function withDefault(
  interpreter: Interpreter,
  { initializer }: ts.BindingElement | ts.ParameterDeclaration,
  value: Value,
  scope: Scope,
): Value {
  const missing = value.kind === "scalar" && value.value === undefined;
  return missing && initializer !== undefined ? interpreter.evaluate(initializer, scope) : value;
}

/** Parameters, left to right: a default may use those before it. */
export function bindParameters(
  interpreter: Interpreter,
  parameters: readonly ts.ParameterDeclaration[],
  args: readonly Value[],
  scope: Scope,
): void {
  // All are declared before any has a value: a default may not read what stands after it.
  for (const { name } of parameters)
    for (const declared of namesIn(name)) scope.names.set(declared, undefined);
  parameters.forEach((parameter, index) => {
    const given: Value =
      parameter.dotDotDotToken === undefined
        ? (args[index] ?? { kind: "scalar", value: undefined, at: interpreter.spanOf(parameter) })
        : { kind: "list", items: args.slice(index), at: interpreter.spanOf(parameter) };
    bind(interpreter, parameter.name, withDefault(interpreter, parameter, given, scope), scope);
  });
}
