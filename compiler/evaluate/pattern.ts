import { ts } from "ts-morph";
import { property, propertyKey } from "./access.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { listOf } from "./list.ts";
import { declareAssignable, type Scope } from "./scope.ts";
import { failed, fieldsOf, isNullish, type Value } from "./value.ts";

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
  const wanted = ts.isArrayBindingPattern(pattern) ? "list" : "fields";
  if (value.kind === wanted || value.kind === "failed") return value;
  const isText = value.kind === "scalar" && typeof value.value === "string";
  if (isNullish(value) || (wanted === "list" && !isText))
    return interpreter.refuse(
      "evaluate/type-error",
      wanted === "list"
        ? "only a list can be taken apart with [ ]"
        : "there is nothing here to take apart",
      pattern,
      isNullish(value) ? "give a default where the value may be missing" : "use { } for an object",
    );
  return notInTheLanguage(
    interpreter,
    wanted === "list"
      ? "taking a text apart with [ ]"
      : "taking anything but an object apart with { }",
    pattern,
    wanted === "list" ? "use [...text]" : "use [ ] for a list",
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
    return listOf({ interpreter, node: element }, whole.items.slice(index));
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
    const rest = [...whole.fields].filter(([key]) => !taken.has(key));
    return interpreter.run.spend(rest.length, interpreter.spanOf(element))
      ? fieldsOf(rest, interpreter.spanOf(element), { owner: interpreter.run.call })
      : failed;
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
  if (!missing || initializer === undefined) return value;
  const given = interpreter.evaluate(initializer, scope);
  return interpreter.run.trace?.step(given, "default", interpreter.spanOf(initializer)) ?? given;
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
    for (const declared of namesIn(name)) declareAssignable(scope, declared);
  parameters.forEach((parameter, index) => {
    const given: Value =
      parameter.dotDotDotToken === undefined
        ? (args[index] ?? { kind: "scalar", value: undefined, at: interpreter.spanOf(parameter) })
        : listOf({ interpreter, node: parameter }, args.slice(index));
    bind(interpreter, parameter.name, withDefault(interpreter, parameter, given, scope), scope);
  });
}
