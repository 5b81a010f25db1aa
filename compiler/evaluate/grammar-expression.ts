import { ts } from "ts-morph";
import { isAssignment, targetOf } from "./assignment.ts";
import { reserved } from "./declared.ts";
import { foreignOperator } from "./foreign.ts";
import type { Grammar, Place } from "./grammar-place.ts";
import { isCalculation } from "./operators.ts";

const { SyntaxKind } = ts;

/** An expression and everything in it. One case a form, as in expression.ts. */
export function expressionRules(grammar: Grammar, node: ts.Expression, place: Place): void {
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
      return;
    case SyntaxKind.Identifier:
      checkName(grammar, node as ts.Identifier);
      return;
    case SyntaxKind.ObjectLiteralExpression:
      for (const member of (node as ts.ObjectLiteralExpression).properties)
        checkMember(grammar, member, place);
      return;
    case SyntaxKind.BinaryExpression:
      checkBinary(grammar, node as ts.BinaryExpression, place);
      return;
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
      grammar.function(node as ts.ArrowFunction, place);
      return;
    case SyntaxKind.PrefixUnaryExpression:
    case SyntaxKind.PostfixUnaryExpression:
      checkUnary(grammar, node as ts.PrefixUnaryExpression, place);
      return;
    default: {
      const parts = partsOf(grammar, node);
      if (parts === undefined) grammar.foreign(node);
      else for (const part of parts) grammar.expression(part, place);
    }
  }
}

/** Of the forms that are in the language wherever their parts are; `undefined` for those that are not. */
function partsOf(grammar: Grammar, node: ts.Expression): readonly ts.Expression[] | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    if (!ts.isIdentifier(node.name)) grammar.refuse("private names", node.name, "use a plain name");
    return [node.expression];
  }
  if (ts.isCallExpression(node)) return [node.expression, ...node.arguments.map(spreadOf)];
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(spreadOf);
  if (ts.isElementAccessExpression(node)) return [node.expression, node.argumentExpression];
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (ts.isConditionalExpression(node)) return [node.condition, node.whenTrue, node.whenFalse];
  return ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeOfExpression(node)
    ? [node.expression]
    : undefined;
}

function spreadOf(element: ts.Expression): ts.Expression {
  return ts.isSpreadElement(element) ? element.expression : element;
}

function checkUnary(
  grammar: Grammar,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  place: Place,
): void {
  if (isCount(node.operator)) checkTarget(grammar, node.operand, node, place);
  grammar.expression(node.operand, place);
}

function checkName(grammar: Grammar, node: ts.Identifier): void {
  if (reserved.has(node.text))
    grammar.syntax(`${node.text} cannot be a name`, node, "choose another name");
}

function checkMember(grammar: Grammar, member: ts.ObjectLiteralElementLike, place: Place): void {
  if (ts.isPropertyAssignment(member)) {
    keyRules(grammar, member.name, place);
    grammar.expression(member.initializer, place);
  } else if (ts.isShorthandPropertyAssignment(member)) {
    checkName(grammar, member.name);
    if (member.objectAssignmentInitializer !== undefined)
      grammar.syntax("a field has : before its value", member, "write name: value");
  } else if (ts.isSpreadAssignment(member)) grammar.expression(member.expression, place);
  else grammar.foreign(member);
}

export function keyRules(grammar: Grammar, name: ts.PropertyName, place: Place): void {
  if (ts.isComputedPropertyName(name)) grammar.expression(name.expression, place);
  else if (ts.isBigIntLiteral(name) || ts.isPrivateIdentifier(name))
    grammar.refuse("this key", name, "use a plain name or a text");
}

function checkBinary(grammar: Grammar, node: ts.BinaryExpression, place: Place): void {
  const operator = node.operatorToken.kind;
  if (isAssignment(operator)) checkTarget(grammar, node.left, node, place);
  else if (
    !isCalculation(operator) &&
    !isLogical(operator) &&
    operator !== SyntaxKind.QuestionQuestionToken &&
    operator !== SyntaxKind.InKeyword
  ) {
    const { what, cure } = foreignOperator(operator);
    grammar.refuse(what, node.operatorToken, cure);
  }
  if (isMixed(node))
    grammar.syntax("?? beside || or && needs parentheses", node, "write (a ?? b) || c");
  grammar.expression(node.left, place);
  grammar.expression(node.right, place);
}

/** What is assigned to must be a name, a field or an element; and outside functions nothing is. */
function checkTarget(
  grammar: Grammar,
  left: ts.Expression,
  node: ts.Node,
  { inFunction }: Place,
): void {
  const target = targetOf(left);
  const isMember =
    (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) &&
    (target.flags & ts.NodeFlags.OptionalChain) === 0;
  if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target))
    grammar.refuse("assignment to several names at once", target, "assign one after the other");
  else if (!isMember && !ts.isIdentifier(target))
    grammar.syntax("nothing can be assigned to this", target, "assign to a name or a field");
  else if (ts.isIdentifier(target) && /^(eval|arguments)$/.test(target.text))
    grammar.syntax(`nothing can be assigned to ${target.text}`, target, "choose another name");
  else if (!inFunction)
    grammar.refuse("assignment outside a function", node, "declare another const");
}

export function isCount(operator: ts.PrefixUnaryOperator): boolean {
  return operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken;
}

function isLogical(operator: ts.SyntaxKind): boolean {
  return operator === SyntaxKind.BarBarToken || operator === SyntaxKind.AmpersandAmpersandToken;
}

/** `a ?? b || c` means nothing in JavaScript without parentheses. */
function isMixed(node: ts.BinaryExpression): boolean {
  const own = node.operatorToken.kind;
  return [node.left, node.right].some((side) => {
    if (!ts.isBinaryExpression(side)) return false;
    const other = side.operatorToken.kind;
    return (
      (own === SyntaxKind.QuestionQuestionToken && isLogical(other)) ||
      (isLogical(own) && other === SyntaxKind.QuestionQuestionToken)
    );
  });
}
