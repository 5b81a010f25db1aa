import { ts } from "ts-morph";
import type { Span } from "../diagnostic/diagnostic.ts";

/** Brackets inside brackets. tsc compares types all the way down, and at twice as many takes minutes over one line. */
export const MOST_NESTED = 100;

/** Where a file nests deeper than tsc should be asked about. */
export function nestedAt(file: string, text: string): Span | undefined {
  if (!mayNest(text)) return undefined;
  let source: ts.SourceFile;
  try {
    source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { file, start: 0, end: 0 };
  }
  // By a list and not by recursion, which such a file would overflow.
  const open: { readonly node: ts.Node; readonly depth: number }[] = [{ node: source, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    const inner = isBracket(node) ? depth + 1 : depth;
    if (inner > MOST_NESTED) {
      const start = node.getStart(source);
      return { file, start, end: start + 1 };
    }
    ts.forEachChild(node, (child) => {
      open.push({ node: child, depth: inner });
    });
  }
  return undefined;
}

/**
 * Counts brackets without knowing texts from code: a first look, that costs nothing. Of a file that means to fool it
 * tsc is asked, and stopped by the limits of time and memory.
 */
function mayNest(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[([{}\])]/g)) {
    depth += bracket === "(" || bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > MOST_NESTED) return true;
    if (depth < 0) depth = 0;
  }
  return false;
}

function isBracket(node: ts.Node): boolean {
  return (
    ts.isArrayLiteralExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isBlock(node) ||
    ts.isTypeLiteralNode(node) ||
    ts.isTupleTypeNode(node) ||
    ts.isParenthesizedTypeNode(node)
  );
}
