import { ts } from "ts-morph";
import { declaredIn, distinct, patternNames } from "./declared.ts";
import { keyRules } from "./grammar-expression.ts";
import type { Grammar, Place } from "./grammar-place.ts";

const { SyntaxKind } = ts;

/** A function with its parameters and its body. */
export function functionRules(
  grammar: Grammar,
  node: ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction,
  place: Place,
): void {
  const { body, parameters, modifiers, asteriskToken } = node;
  const isAsync = modifiers?.some(({ kind }) => kind === SyntaxKind.AsyncKeyword) ?? false;
  if (isAsync || asteriskToken !== undefined)
    grammar.refuse("async functions and generators", node, "write a plain function");
  if (modifiers?.some(({ kind }) => kind === SyntaxKind.DeclareKeyword))
    grammar.refuse("declare", node, "import it, or write the function");
  if (body === undefined) {
    grammar.refuse("a function without a body", node, "give it one");
    return;
  }
  if (ts.isFunctionExpression(node) && node.name !== undefined)
    distinct(grammar.reporter, [{ name: node.name.text, node: node.name }]);
  if (ts.isArrowFunction(node)) arrow(grammar, node);
  const inside: Place = { ...place, inFunction: true, inLoop: false, inSwitch: false };
  checkParameters(grammar, parameters, inside);
  if (!ts.isBlock(body)) {
    grammar.expression(body, inside);
    return;
  }
  // Parameters and the names of the body itself share one scope: neither may hide the other.
  const own = declaredIn(body.statements);
  const given = new Set(parameters.flatMap(({ name }) => patternNames(name)).map((p) => p.name));
  for (const { name, node: at } of own)
    if (given.has(name)) grammar.syntax(`${name} is already a parameter`, at, "rename one of them");
  distinct(grammar.reporter, own);
  grammar.statements(body.statements, inside);
}

/** ECMA-262, ArrowFunction: no line ends before the arrow. */
function arrow(grammar: Grammar, { equalsGreaterThanToken: { pos, end } }: ts.ArrowFunction): void {
  const space = grammar.text.slice(pos, end);
  if (/[\n\r\u2028\u2029]/.test(space))
    grammar.reporter.run.refuse(
      "evaluate/syntax",
      "a line ends before =>",
      { file: grammar.file, start: end - 2, end },
      "write => behind the parameters",
    );
}

function checkParameters(
  grammar: Grammar,
  parameters: ts.NodeArray<ts.ParameterDeclaration>,
  place: Place,
): void {
  distinct(
    grammar.reporter,
    parameters.flatMap(({ name }) => patternNames(name)),
  );
  for (const [index, parameter] of parameters.entries()) {
    const { name, initializer, dotDotDotToken, modifiers } = parameter;
    if (modifiers?.[0] !== undefined)
      grammar.refuse("modifiers of parameters", modifiers[0], "leave it out");
    if (ts.isIdentifier(name) && name.text === "this")
      grammar.refuse("this", name, "leave it out: functions have no this");
    if (dotDotDotToken !== undefined)
      rest(grammar, parameter, index === parameters.length - 1 && !parameters.hasTrailingComma);
    grammar.pattern(name, place);
    if (initializer !== undefined) grammar.expression(initializer, place);
  }
}

/** ECMA-262, rest elements: the last of all, without a value and without a comma behind. */
function rest(
  grammar: Grammar,
  node: ts.ParameterDeclaration | ts.BindingElement,
  isLast: boolean,
): void {
  if (!isLast || node.initializer !== undefined)
    grammar.syntax(
      "a rest is the last of all, and has no value of its own",
      node,
      "move it to the end",
    );
}

export function patternRules(grammar: Grammar, name: ts.BindingPattern, place: Place): void {
  const { elements } = name;
  for (const [index, element] of elements.entries()) {
    if (ts.isOmittedExpression(element)) continue;
    const { propertyName, name: inner, initializer, dotDotDotToken } = element;
    if (dotDotDotToken !== undefined) {
      rest(grammar, element, index === elements.length - 1 && !elements.hasTrailingComma);
      if (ts.isObjectBindingPattern(name) && !ts.isIdentifier(inner))
        grammar.syntax("the rest of an object needs a name", inner, "write ...rest");
    }
    if (propertyName !== undefined) keyRules(grammar, propertyName, place);
    grammar.pattern(inner, place);
    if (initializer !== undefined) grammar.expression(initializer, place);
  }
}
