import { ts } from "ts-morph";
import { access, property, propertyKey } from "./access.ts";
import { listOf } from "./array-methods.ts";
import { constantOf } from "./built-ins.ts";
import { call } from "./call.ts";
import { functionOf } from "./function.ts";
import { type Interpreter, type Link, notInTheLanguage } from "./interpreter.ts";
import { binary, text, typeOf, unary } from "./operators.ts";
import { lookUp, type Scope } from "./scope.ts";
import { type Field, failed, fieldsOf, isNullish, isTruthy, scalar, type Value } from "./value.ts";

const { SyntaxKind } = ts;

/** What an expression comes to. One case a form; every form that is not here is refused. */
export function expression(interpreter: Interpreter, node: ts.Expression, scope: Scope): Value {
  const at = interpreter.spanOf(node);
  if (!interpreter.run.spend(1, at)) return failed;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
    return scalar(node.text, at);
  if (ts.isNumericLiteral(node)) return scalar(Number(node.text), at);
  if (ts.isIdentifier(node)) return identifier(interpreter, node, scope);
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node)
  ) {
    return interpreter.evaluate(node.expression, scope);
  }
  if (ts.isObjectLiteralExpression(node)) return objectLiteral(interpreter, node, scope);
  if (ts.isArrayLiteralExpression(node)) return arrayLiteral(interpreter, node, scope);
  if (ts.isTemplateExpression(node)) return template(interpreter, node, scope);
  if (
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isNonNullExpression(node)
  ) {
    return chain(interpreter, node, scope).value;
  }
  if (ts.isConditionalExpression(node)) {
    const condition = interpreter.evaluate(node.condition, scope);
    if (condition.kind === "failed") return failed;
    return interpreter.evaluate(isTruthy(condition) ? node.whenTrue : node.whenFalse, scope);
  }
  if (ts.isBinaryExpression(node)) return binaryOrShort(interpreter, node, scope);
  if (ts.isPrefixUnaryExpression(node))
    return unary(interpreter, node, interpreter.evaluate(node.operand, scope));
  if (ts.isTypeOfExpression(node)) {
    const value = interpreter.evaluate(node.expression, scope);
    return value.kind === "failed" ? failed : scalar(typeOf(value), at);
  }
  if (ts.isArrowFunction(node)) return functionOf(interpreter, node, scope);
  switch (node.kind) {
    case SyntaxKind.TrueKeyword:
      return scalar(true, at);
    case SyntaxKind.FalseKeyword:
      return scalar(false, at);
    case SyntaxKind.NullKeyword:
      return scalar(null, at);
    default:
      return notInTheLanguage(interpreter, nameOfForm(node), node, cureFor(node));
  }
}

/** An expression that may be part of a chain, so that `a?.b.c` ends as a whole. */
export function chain(interpreter: Interpreter, node: ts.Expression, scope: Scope): Link {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return access(interpreter, node, scope);
  if (ts.isCallExpression(node)) return call(interpreter, node, scope);
  if (ts.isNonNullExpression(node)) return chain(interpreter, node.expression, scope);
  return { value: interpreter.evaluate(node, scope), ended: false };
}

function identifier(interpreter: Interpreter, node: ts.Identifier, scope: Scope): Value {
  const found = lookUp(scope, node.text);
  if (found === "too early") {
    return interpreter.refuse(
      "evaluate/used-before-declared",
      `${node.text} is used before it is declared`,
      node,
      "move its declaration up",
    );
  }
  if (found !== "undeclared") return found;
  const constant = constantOf(node.text);
  if (constant !== "unknown") return scalar(constant, interpreter.spanOf(node));
  return interpreter.refuse(
    "evaluate/unknown-identifier",
    `nothing is called ${node.text} here`,
    node,
    "declare it with const, or import it",
  );
}

function objectLiteral(
  interpreter: Interpreter,
  node: ts.ObjectLiteralExpression,
  scope: Scope,
): Value {
  const entries = new Map<string, Field>();
  let whole = true;
  const put = (key: string | undefined, keyNode: ts.Node, value: Value) => {
    if (key === "__proto__") {
      notInTheLanguage(interpreter, "the key __proto__", keyNode, "choose another name");
      whole = false;
    } else if (key === undefined || value.kind === "failed") whole = false;
    else entries.set(key, { key: interpreter.spanOf(keyNode), value });
  };
  for (const member of node.properties) {
    if (ts.isPropertyAssignment(member)) {
      put(
        memberKey(interpreter, member.name, scope),
        member.name,
        interpreter.evaluate(member.initializer, scope),
      );
    } else if (ts.isShorthandPropertyAssignment(member)) {
      put(member.name.text, member.name, identifier(interpreter, member.name, scope));
    } else if (ts.isSpreadAssignment(member)) {
      const value = interpreter.evaluate(member.expression, scope);
      if (value.kind === "fields") for (const [key, field] of value.fields) entries.set(key, field);
      else if (value.kind === "failed") whole = false;
      else if (
        !isNullish(value) &&
        !(value.kind === "scalar" && typeof value.value === "boolean")
      ) {
        notInTheLanguage(
          interpreter,
          "spreading anything but an object into an object",
          member,
          "give an object",
        );
        whole = false;
      }
    } else {
      notInTheLanguage(
        interpreter,
        "methods, getters and setters",
        member,
        "write a field: name: (…) => …",
      );
      whole = false;
    }
  }
  const at = interpreter.spanOf(node);
  return whole && interpreter.run.spend(entries.size, at) ? fieldsOf(entries, at) : failed;
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
  notInTheLanguage(interpreter, "this key", name, "use a plain name or a text");
  return undefined;
}

function arrayLiteral(
  interpreter: Interpreter,
  node: ts.ArrayLiteralExpression,
  scope: Scope,
): Value {
  const items: Value[] = [];
  let whole = true;
  for (const element of node.elements) {
    if (ts.isOmittedExpression(element)) {
      notInTheLanguage(
        interpreter,
        "a hole in a list",
        element,
        "write undefined, or leave the comma out",
      );
      whole = false;
    } else if (ts.isSpreadElement(element)) {
      const value = interpreter.evaluate(element.expression, scope);
      if (value.kind === "list") for (const item of value.items) items.push(item);
      else {
        whole = false;
        if (value.kind !== "failed")
          notInTheLanguage(
            interpreter,
            "spreading anything but a list into a list",
            element,
            "give a list",
          );
      }
    } else {
      const value = interpreter.evaluate(element, scope);
      whole &&= value.kind !== "failed";
      items.push(value);
    }
  }
  return whole ? listOf({ interpreter, node }, items) : failed;
}

function template(interpreter: Interpreter, node: ts.TemplateExpression, scope: Scope): Value {
  let said = node.head.text;
  for (const { expression: part, literal } of node.templateSpans) {
    const value = interpreter.evaluate(part, scope);
    if (value.kind === "failed") return failed;
    if (value.kind !== "scalar")
      return notInTheLanguage(
        interpreter,
        "a list, an object or a function in a template",
        part,
        "use join, or JSON.stringify",
      );
    said += `${value.value}${literal.text}`;
  }
  return text(interpreter, said, node);
}

function binaryOrShort(interpreter: Interpreter, node: ts.BinaryExpression, scope: Scope): Value {
  const left = interpreter.evaluate(node.left, scope);
  const operator = node.operatorToken.kind;
  const isShort =
    operator === SyntaxKind.AmpersandAmpersandToken ||
    operator === SyntaxKind.BarBarToken ||
    operator === SyntaxKind.QuestionQuestionToken;
  if (left.kind === "failed") return failed;
  if (!isShort) {
    const right = interpreter.evaluate(node.right, scope);
    if (operator === SyntaxKind.InKeyword) return inOperator(interpreter, node, left, right);
    return binary(interpreter, node, left, right);
  }
  const goesOn =
    operator === SyntaxKind.AmpersandAmpersandToken
      ? isTruthy(left)
      : operator === SyntaxKind.BarBarToken
        ? !isTruthy(left)
        : isNullish(left);
  return goesOn ? interpreter.evaluate(node.right, scope) : left;
}

function inOperator(
  interpreter: Interpreter,
  node: ts.BinaryExpression,
  left: Value,
  right: Value,
): Value {
  if (right.kind === "failed") return failed;
  const key = propertyKey(interpreter, left, node.left);
  if (key === undefined) return failed;
  if (right.kind !== "fields")
    return notInTheLanguage(
      interpreter,
      "in on anything but an object",
      node.right,
      "use includes for a list",
    );
  if (right.fields.has(key)) return scalar(true, interpreter.spanOf(node));
  const value = property(interpreter, right, key, node);
  return value.kind === "failed" ? failed : scalar(false, interpreter.spanOf(node));
}

function nameOfForm(node: ts.Node): string {
  switch (node.kind) {
    case SyntaxKind.NewExpression:
      return "new";
    case SyntaxKind.AwaitExpression:
      return "await";
    case SyntaxKind.ThisKeyword:
      return "this";
    case SyntaxKind.FunctionExpression:
      return "function expressions";
    case SyntaxKind.RegularExpressionLiteral:
      return "regular expressions";
    case SyntaxKind.BigIntLiteral:
      return "big integers";
    case SyntaxKind.ClassExpression:
      return "classes";
    case SyntaxKind.TaggedTemplateExpression:
      return "tagged templates";
    default:
      return "this expression";
  }
}

function cureFor(node: ts.Node): string {
  if (node.kind === SyntaxKind.FunctionExpression) return "write an arrow function: (…) => …";
  if (node.kind === SyntaxKind.BigIntLiteral) return "write a number";
  return "write the value with literals, const, spread, templates, conditionals, arrow functions and list methods";
}
