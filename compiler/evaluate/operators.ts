import { ts } from "ts-morph";
import { budget } from "./budget.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { bareOf, failed, isTruthy, type Primitive, scalar, type Value } from "./value.ts";

const { SyntaxKind } = ts;

/** On primitives JavaScript's own operator does the work, so the result is JavaScript's own. */
const calculations: ReadonlyMap<ts.SyntaxKind, (a: number, b: number) => Primitive> = new Map<
  ts.SyntaxKind,
  (a: number, b: number) => Primitive
>([
  [SyntaxKind.PlusToken, (a, b) => a + b],
  [SyntaxKind.MinusToken, (a, b) => a - b],
  [SyntaxKind.AsteriskToken, (a, b) => a * b],
  [SyntaxKind.SlashToken, (a, b) => a / b],
  [SyntaxKind.PercentToken, (a, b) => a % b],
  [SyntaxKind.AsteriskAsteriskToken, (a, b) => a ** b],
  [SyntaxKind.LessThanToken, (a, b) => a < b],
  [SyntaxKind.LessThanEqualsToken, (a, b) => a <= b],
  [SyntaxKind.GreaterThanToken, (a, b) => a > b],
  [SyntaxKind.GreaterThanEqualsToken, (a, b) => a >= b],
  [SyntaxKind.AmpersandToken, (a, b) => a & b],
  [SyntaxKind.BarToken, (a, b) => a | b],
  [SyntaxKind.CaretToken, (a, b) => a ^ b],
  [SyntaxKind.LessThanLessThanToken, (a, b) => a << b],
  [SyntaxKind.GreaterThanGreaterThanToken, (a, b) => a >> b],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, (a, b) => a >>> b],
]);

/** The operators that calculate from two values; `===` and `!==` among them. */
export function isCalculation(operator: ts.SyntaxKind): boolean {
  return (
    calculations.has(operator) ||
    operator === SyntaxKind.EqualsEqualsEqualsToken ||
    operator === SyntaxKind.ExclamationEqualsEqualsToken
  );
}

/** Where the sides of an operator stand, for what is said about them. */
interface Sides {
  readonly node: ts.Expression;
  readonly left: ts.Node;
  readonly right: ts.Node;
}

export function calculated(
  interpreter: Interpreter,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  sides: Sides,
): Value {
  if (left.kind === "failed" || right.kind === "failed") return failed;
  const at = interpreter.spanOf(sides.node);
  if (!interpreter.run.spend(costOfText(left), at)) return failed;
  if (operator === SyntaxKind.EqualsEqualsEqualsToken) return scalar(isSame(left, right), at);
  if (operator === SyntaxKind.ExclamationEqualsEqualsToken) return scalar(!isSame(left, right), at);
  const calculate = calculations.get(operator);
  // The grammar has refused the operator.
  if (calculate === undefined) return failed;
  if (left.kind !== "scalar" || right.kind !== "scalar") {
    return notInTheLanguage(
      interpreter,
      `a list, an object or a function beside ${ts.tokenToString(operator)}`,
      left.kind === "scalar" ? sides.right : sides.left,
      "calculate with texts and numbers alone",
    );
  }
  // TypeScript's types say number; JavaScript's operator takes whatever primitive comes, and so do we.
  const value = calculate(left.value as number, right.value as number);
  return typeof value === "string" ? text(interpreter, value, sides.node) : scalar(value, at);
}

/** As `===` sees it. */
export function isSame(left: Value, right: Value): boolean {
  return bareOf(left) === bareOf(right);
}

/** What comparing a long text costs in steps. */
export function costOfText(value: Value): number {
  return value.kind === "scalar" && typeof value.value === "string" ? value.value.length >> 6 : 0;
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

/** `! + - ~`; `++` and `--` are assignments. */
export function unary(
  interpreter: Interpreter,
  node: ts.PrefixUnaryExpression,
  operand: Value,
): Value {
  if (operand.kind === "failed") return failed;
  const at = interpreter.spanOf(node);
  if (node.operator === SyntaxKind.ExclamationToken) return scalar(!isTruthy(operand), at);
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
