import { ts } from "ts-morph";
import { access, property, propertyKey } from "./access.ts";
import { assign, isAssignment, step } from "./assignment.ts";
import { constantOf, isBuiltIn } from "./built-ins.ts";
import { call } from "./call.ts";
import { functionOf } from "./function.ts";
import { type Interpreter, type Link, notInTheLanguage } from "./interpreter.ts";
import { arrayLiteral, objectLiteral, template } from "./literals.ts";
import { calculated, typeOf, unary } from "./operators.ts";
import { lookUp, type Scope } from "./scope.ts";
import { failed, isNullish, isTruthy, scalar, type Value } from "./value.ts";

const { SyntaxKind } = ts;

/** What an expression comes to. One case a form; the grammar has refused every form that is not here. */
export function expression(interpreter: Interpreter, node: ts.Expression, scope: Scope): Value {
  const at = interpreter.spanOf(node);
  if (!interpreter.run.spend(1, at)) return failed;
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return scalar((node as ts.StringLiteralLike).text, at);
    case SyntaxKind.NumericLiteral:
      return scalar(Number((node as ts.NumericLiteral).text), at);
    case SyntaxKind.TrueKeyword:
      return scalar(true, at);
    case SyntaxKind.FalseKeyword:
      return scalar(false, at);
    case SyntaxKind.NullKeyword:
      return scalar(null, at);
    case SyntaxKind.Identifier:
      return identifier(interpreter, node as ts.Identifier, scope);
    case SyntaxKind.PropertyAccessExpression:
    case SyntaxKind.ElementAccessExpression:
    case SyntaxKind.CallExpression:
    case SyntaxKind.NonNullExpression:
      return chain(interpreter, node, scope).value;
    case SyntaxKind.ObjectLiteralExpression:
      return objectLiteral(interpreter, node as ts.ObjectLiteralExpression, scope);
    case SyntaxKind.ArrayLiteralExpression:
      return arrayLiteral(interpreter, node as ts.ArrayLiteralExpression, scope);
    case SyntaxKind.TemplateExpression:
      return template(interpreter, node as ts.TemplateExpression, scope);
    case SyntaxKind.ParenthesizedExpression:
    case SyntaxKind.AsExpression:
    case SyntaxKind.SatisfiesExpression:
      return interpreter.evaluate((node as ts.ParenthesizedExpression).expression, scope);
    case SyntaxKind.BinaryExpression:
      return binary(interpreter, node as ts.BinaryExpression, scope);
    case SyntaxKind.ConditionalExpression:
      return conditional(interpreter, node as ts.ConditionalExpression, scope);
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
      return functionOf(interpreter, node as ts.ArrowFunction, scope);
    case SyntaxKind.PrefixUnaryExpression:
      return prefix(interpreter, node as ts.PrefixUnaryExpression, scope);
    case SyntaxKind.PostfixUnaryExpression:
      return step(interpreter, node as ts.PostfixUnaryExpression, scope);
    case SyntaxKind.TypeOfExpression: {
      const value = interpreter.evaluate((node as ts.TypeOfExpression).expression, scope);
      return value.kind === "failed" ? failed : scalar(typeOf(value), at);
    }
    default:
      // The grammar has said so, at this very place.
      return failed;
  }
}

function conditional(
  interpreter: Interpreter,
  node: ts.ConditionalExpression,
  scope: Scope,
): Value {
  const condition = interpreter.evaluate(node.condition, scope);
  if (condition.kind === "failed") return failed;
  return interpreter.evaluate(isTruthy(condition) ? node.whenTrue : node.whenFalse, scope);
}

function prefix(interpreter: Interpreter, node: ts.PrefixUnaryExpression, scope: Scope): Value {
  return isCount(node.operator)
    ? step(interpreter, node, scope)
    : unary(interpreter, node, interpreter.evaluate(node.operand, scope));
}

function isCount(operator: ts.PrefixUnaryOperator): boolean {
  return operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken;
}

/** An expression that may be part of a chain, so that `a?.b.c` ends as a whole. */
export function chain(interpreter: Interpreter, node: ts.Expression, scope: Scope): Link {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return access(interpreter, node, scope);
  if (ts.isCallExpression(node)) return call(interpreter, node, scope);
  if (ts.isNonNullExpression(node)) return interpreter.chain(node.expression, scope);
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
  if (isBuiltIn(node.text))
    return notInTheLanguage(
      interpreter,
      `${node.text} by itself`,
      node,
      "call it: (item) => String(item)",
    );
  const meant = interpreter.run.suggest(node.text, namesIn(scope));
  return interpreter.refuse(
    "evaluate/unknown-identifier",
    `nothing is called ${node.text} here`,
    node,
    ofTheMachine.has(node.text)
      ? "definitions see nothing of the machine and the time in which they are read: write the value out"
      : meant === undefined
        ? "declare it with const, or import it"
        : `did you mean ${meant}?`,
  );
}

function* namesIn(scope: Scope): Generator<string> {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) yield* at.names.keys();
}

/** What every JavaScript program can reach, and no definition may. */
const ofTheMachine = new Set(
  "process globalThis global window console Date fetch require setTimeout performance crypto Intl navigator".split(
    " ",
  ),
);

function binary(interpreter: Interpreter, node: ts.BinaryExpression, scope: Scope): Value {
  const operator = node.operatorToken.kind;
  if (isAssignment(operator)) return assign(interpreter, node, scope);
  const left = interpreter.evaluate(node.left, scope);
  if (left.kind === "failed") return failed;
  switch (operator) {
    case SyntaxKind.AmpersandAmpersandToken:
      return isTruthy(left) ? interpreter.evaluate(node.right, scope) : left;
    case SyntaxKind.BarBarToken:
      return isTruthy(left) ? left : interpreter.evaluate(node.right, scope);
    case SyntaxKind.QuestionQuestionToken:
      return isNullish(left) ? interpreter.evaluate(node.right, scope) : left;
  }
  const right = interpreter.evaluate(node.right, scope);
  if (operator === SyntaxKind.InKeyword) return inOperator(interpreter, node, left, right);
  const sides = { node, left: node.left, right: node.right };
  return calculated(interpreter, operator, left, right, sides);
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
