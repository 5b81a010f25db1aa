import { ts } from "ts-morph";
import { propertyKey } from "./access.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { listOf } from "./list.ts";
import { text } from "./operators.ts";
import type { Scope } from "./scope.ts";
import { type Field, failed, fieldsOf, isNullish, type Value } from "./value.ts";

/** `{ a: 1, b, [key]: 2, ...rest }` */
export function objectLiteral(
  interpreter: Interpreter,
  node: ts.ObjectLiteralExpression,
  scope: Scope,
): Value {
  const entries = new Map<string, Field>();
  let whole = true;
  const put = (key: string | undefined, name: ts.Node, written: ts.Node, value: Value) => {
    if (key === "__proto__") {
      notInTheLanguage(interpreter, "the key __proto__", name, "choose another name");
      whole = false;
    } else if (key === undefined) whole = false;
    // A field that failed stays, without a value: that it is there must not be doubted as well.
    else
      entries.set(key, {
        key: interpreter.spanOf(name),
        value,
        place: interpreter.spanOf(written),
      });
  };
  for (const member of node.properties) {
    if (ts.isPropertyAssignment(member)) {
      const key = memberKey(interpreter, member.name, scope);
      const value = interpreter.evaluate(member.initializer, scope);
      put(key, member.name, member.initializer, value);
    } else if (ts.isShorthandPropertyAssignment(member)) {
      put(member.name.text, member.name, member.name, interpreter.evaluate(member.name, scope));
    } else if (ts.isSpreadAssignment(member)) {
      whole = spread(interpreter, member, scope, entries) && whole;
    } else whole = false;
  }
  const at = interpreter.spanOf(node);
  if (!whole || !interpreter.run.spend(entries.size, at)) return failed;
  return fieldsOf(entries, at, { owner: interpreter.run.call });
}

/** False when it failed. */
function spread(
  interpreter: Interpreter,
  member: ts.SpreadAssignment,
  scope: Scope,
  entries: Map<string, Field>,
): boolean {
  const value = interpreter.evaluate(member.expression, scope);
  if (value.kind === "fields") {
    for (const [key, field] of value.fields) {
      const { trace } = interpreter.run;
      entries.set(key, trace?.spread(field, interpreter.spanOf(member)) ?? field);
    }
    return true;
  }
  if (value.kind === "failed") return false;
  if (isNullish(value) || (value.kind === "scalar" && typeof value.value === "boolean"))
    return true;
  notInTheLanguage(
    interpreter,
    "spreading anything but an object into an object",
    member,
    "give an object",
  );
  return false;
}

function memberKey(
  interpreter: Interpreter,
  name: ts.PropertyName,
  scope: Scope,
): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNoSubstitutionTemplateLiteral(name))
    return name.text;
  if (ts.isNumericLiteral(name)) return String(Number(name.text));
  if (ts.isComputedPropertyName(name))
    return propertyKey(interpreter, interpreter.evaluate(name.expression, scope), name);
  return undefined;
}

/** `[1, ...more]` */
export function arrayLiteral(
  interpreter: Interpreter,
  node: ts.ArrayLiteralExpression,
  scope: Scope,
): Value {
  const items: Value[] = [];
  const places = [];
  let whole = true;
  for (const element of node.elements) {
    const place = interpreter.spanOf(element);
    if (ts.isSpreadElement(element)) {
      const spread = interpreter.iterate(element.expression, scope)?.items;
      whole &&= spread !== undefined;
      for (const item of spread ?? []) {
        items.push(item);
        places.push(place);
      }
    } else {
      const value = interpreter.evaluate(element, scope);
      whole &&= value.kind !== "failed";
      items.push(value);
      places.push(place);
    }
  }
  return whole ? listOf({ interpreter, node }, items, places) : failed;
}

export function template(
  interpreter: Interpreter,
  node: ts.TemplateExpression,
  scope: Scope,
): Value {
  let said = node.head.text;
  let whole = true;
  for (const { expression: part, literal } of node.templateSpans) {
    const value = interpreter.evaluate(part, scope);
    if (value.kind === "scalar") said += `${value.value}${literal.text}`;
    else {
      whole = false;
      if (value.kind !== "failed")
        notInTheLanguage(
          interpreter,
          "a list, an object or a function in a template",
          part,
          "use join, or JSON.stringify",
        );
    }
  }
  return whole ? text(interpreter, said, node) : failed;
}
