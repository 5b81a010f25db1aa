import { ts } from "ts-morph";
import type { Stretch } from "./stretches.ts";

/**
 * The smallest thing that an error is about: a property, an argument, an element, a declaration, a statement. Two who
 * complain about one mistake point at different ends of it, but of the same thing.
 */
export function unitAt(source: ts.SourceFile, { start, end }: Stretch): Stretch | undefined {
  const covers = (node: ts.Node): ts.Node | undefined =>
    node.getStart(source) <= start && end <= node.end ? node : undefined;
  let found: ts.Node = source;
  // Down, and not by recursion: the tree of `1 + 1 + …` is as deep as the text is long.
  for (let next = covers(found); next !== undefined; next = ts.forEachChild(found, covers))
    found = next;
  while (found !== source && !isUnit(found)) found = found.parent;
  if (found === source) return undefined;
  return { start: headOf(found).getStart(source), end: found.end };
}

/** What is wrong with a definition as a whole is said where its call begins. */
function headOf(unit: ts.Node): ts.Node {
  const { parent } = unit;
  return ts.isCallExpression(parent) && parent.arguments[0] === unit ? parent : unit;
}

function isUnit(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return node !== parent.expression;
  return (
    ts.isArrayLiteralExpression(parent) ||
    ts.isObjectLiteralElement(node) ||
    ts.isTypeElement(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isImportSpecifier(node) ||
    ts.isExportSpecifier(node) ||
    (ts.isStatement(node) && !ts.isBlock(node)) ||
    (ts.isArrowFunction(parent) && parent.body === node)
  );
}
