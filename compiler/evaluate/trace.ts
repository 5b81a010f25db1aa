import { ts } from "ts-morph";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Field, Value, Via } from "./value.ts";

/**
 * Where values come from, for `explain` alone: without it nothing is recorded and nothing costs anything. Each value
 * that passes through a name, a call, a default or a spread is copied with that step on it; the copy remembers what it
 * is a copy of, so that it stays identical to it.
 */
export interface Trace {
  /** Evaluates, and notes what the expression did to the value. */
  through(node: ts.Expression, at: Span, evaluate: () => Value): Value;
  /** The same value, one step further. */
  step(value: Value, what: string, at: Span): Value;
  /** The same field, brought by a spread. */
  spread(field: Field, at: Span): Field;
}

export function newTrace(): Trace {
  // What the parts of the expression that is being evaluated have come to.
  let parts: Value[] = [];
  const step: Trace["step"] = (value, what, at) =>
    withVia(value, { what, at, before: viaOf(value) });
  return {
    step,
    spread: (field, at) => ({
      ...field,
      via: { what: "spread", at, before: field.via },
    }),
    through(node, at, evaluate) {
      const outer = parts;
      parts = [];
      const value = evaluate();
      const own = parts;
      const passed = own.includes(value);
      const traced =
        passed || viaOf(value) !== undefined
          ? passing(node, at, value, step)
          : made(node, at, value, own);
      parts = outer;
      parts.push(traced);
      return traced;
    },
  };
}

function passing(node: ts.Expression, at: Span, value: Value, step: Trace["step"]): Value {
  const what = stepOf(node);
  return what === undefined ? value : step(value, what, at);
}

/** A value that was made here, from its parts or out of nothing. */
function made(node: ts.Expression, at: Span, value: Value, parts: readonly Value[]): Value {
  const what = isLiteral(node) ? "literal" : (stepOf(node) ?? "computed");
  const from = value.kind === "scalar" ? parts.filter(({ kind }) => kind === "scalar") : [];
  return withVia(value, {
    what: ts.isIdentifier(node) ? `value of ${node.text}` : what,
    at,
    before: undefined,
    ...(from.length > 0 && { from }),
  });
}

function stepOf(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return `through ${node.text}`;
  if (ts.isCallExpression(node)) return `call of ${nameOf(node.expression)}`;
  if (ts.isPropertyAccessExpression(node)) return `field ${node.name.text}`;
  if (ts.isElementAccessExpression(node)) return "element";
  if (ts.isConditionalExpression(node)) return "chosen by a condition";
  if (ts.isBinaryExpression(node)) {
    const sign = ts.tokenToString(node.operatorToken.kind);
    return sign === "??" || sign === "||" || sign === "&&" ? `chosen by ${sign}` : undefined;
  }
  return undefined;
}

function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  return ts.isPropertyAccessExpression(node) ? node.name.text : "a function";
}

function isLiteral(node: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isArrayLiteralExpression(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}

function viaOf(value: Value): Via | undefined {
  return value.kind === "failed" ? undefined : value.via;
}

function withVia(value: Value, via: Via): Value {
  // Definitions are told apart by identity far beyond the evaluation: they stay themselves.
  if (value.kind === "failed" || (value.kind === "fields" && value.definition)) return value;
  return { ...value, via, same: value.same ?? value };
}
