import { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { budget } from "./run.ts";
import { bareOf, failed, isTruthy, type Primitive, scalar, type Value } from "./value.ts";

const { SyntaxKind } = ts;

/** On primitives JavaScript's own operator does the work, so the result is JavaScript's own. */
const calculations: Partial<Record<ts.SyntaxKind, (a: number, b: number) => Primitive>> = {
  [SyntaxKind.PlusToken]: (a, b) => a + b,
  [SyntaxKind.MinusToken]: (a, b) => a - b,
  [SyntaxKind.AsteriskToken]: (a, b) => a * b,
  [SyntaxKind.SlashToken]: (a, b) => a / b,
  [SyntaxKind.PercentToken]: (a, b) => a % b,
  [SyntaxKind.AsteriskAsteriskToken]: (a, b) => a ** b,
  [SyntaxKind.LessThanToken]: (a, b) => a < b,
  [SyntaxKind.LessThanEqualsToken]: (a, b) => a <= b,
  [SyntaxKind.GreaterThanToken]: (a, b) => a > b,
  [SyntaxKind.GreaterThanEqualsToken]: (a, b) => a >= b,
  [SyntaxKind.AmpersandToken]: (a, b) => a & b,
  [SyntaxKind.BarToken]: (a, b) => a | b,
  [SyntaxKind.CaretToken]: (a, b) => a ^ b,
  [SyntaxKind.LessThanLessThanToken]: (a, b) => a << b,
  [SyntaxKind.GreaterThanGreaterThanToken]: (a, b) => a >> b,
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: (a, b) => a >>> b,
};

export function binary(
  interpreter: Interpreter,
  node: ts.BinaryExpression,
  left: Value,
  right: Value,
): Value {
  if (left.kind === "failed" || right.kind === "failed") return failed;
  const at = interpreter.spanOf(node);
  switch (node.operatorToken.kind) {
    case SyntaxKind.EqualsEqualsEqualsToken:
      return scalar(bareOf(left) === bareOf(right), at);
    case SyntaxKind.ExclamationEqualsEqualsToken:
      return scalar(bareOf(left) !== bareOf(right), at);
  }
  const calculate = calculations[node.operatorToken.kind];
  if (calculate === undefined) {
    const operator = signOf(node);
    const cure =
      operator.startsWith("=") || operator.startsWith("!")
        ? `write ${operator}= instead`
        : operator.endsWith("=")
          ? "definitions change nothing: declare another const"
          : "calculate with + - * / % ** and comparisons";
    return notInTheLanguage(interpreter, `the operator ${operator}`, node.operatorToken, cure);
  }
  if (left.kind !== "scalar" || right.kind !== "scalar") {
    const which = left.kind === "scalar" ? node.right : node.left;
    return notInTheLanguage(
      interpreter,
      `a list, an object or a function beside ${signOf(node)}`,
      which,
      "calculate with texts and numbers alone",
    );
  }
  // TypeScript's types say number; JavaScript's operator takes whatever primitive comes, and so do we.
  const value = calculate(left.value as number, right.value as number);
  return typeof value === "string" ? text(interpreter, value, node) : scalar(value, at);
}

/** From the kind, not the text: the tree has no links to parents. */
function signOf({ operatorToken }: ts.BinaryExpression): string {
  return ts.tokenToString(operatorToken.kind) ?? "this";
}

/** A text that was put together here: bounded, so that doubling ends in a diagnostic. */
export function text(interpreter: Interpreter, value: string, node: ts.Node): Value {
  const at = interpreter.spanOf(node);
  if (value.length > budget.text) {
    return interpreter.refuse(
      "evaluate/too-large",
      `a text of ${value.length.toLocaleString("en")} characters; ${budget.text.toLocaleString("en")} is the most`,
      node,
      "keep large data out of definitions",
    );
  }
  return interpreter.run.spend(value.length >> 6, at) ? scalar(value, at) : failed;
}

export function unary(
  interpreter: Interpreter,
  node: ts.PrefixUnaryExpression,
  operand: Value,
): Value {
  if (operand.kind === "failed") return failed;
  const at = interpreter.spanOf(node);
  if (node.operator === SyntaxKind.ExclamationToken) return scalar(!isTruthy(operand), at);
  if (node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken) {
    return notInTheLanguage(
      interpreter,
      "++ and --",
      node,
      "definitions change nothing: declare another const",
    );
  }
  if (operand.kind !== "scalar") {
    return notInTheLanguage(
      interpreter,
      "a list, an object or a function as a number",
      node.operand,
      "calculate with texts and numbers alone",
    );
  }
  const value = operand.value as number;
  switch (node.operator) {
    case SyntaxKind.PlusToken:
      return scalar(+value, at);
    case SyntaxKind.MinusToken:
      return scalar(-value, at);
    default:
      return scalar(~value, at);
  }
}

export function typeOf(value: Value): string {
  switch (value.kind) {
    case "scalar":
      return typeof value.value;
    case "callable":
      return "function";
    default:
      return "object";
  }
}
