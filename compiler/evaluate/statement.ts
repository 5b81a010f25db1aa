import { ts } from "ts-morph";
import { functionOf } from "./function.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { bind, namesIn } from "./pattern.ts";
import { inside, type Scope } from "./scope.ts";
import { failed, isTruthy, scalar, type Value } from "./value.ts";

/** Declares everything that a block declares: functions with their value, consts still without. */
export function hoist(
  interpreter: Interpreter,
  statements: readonly ts.Statement[],
  scope: Scope,
): void {
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
      scope.names.set(statement.name.text, functionOf(interpreter, statement, scope));
    } else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        for (const declared of namesIn(name)) scope.names.set(declared, undefined);
      }
    }
  }
}

/** `const` with values. `let` and `var` are refused; their names are bound to the failure. */
export function declare(
  interpreter: Interpreter,
  statement: ts.VariableStatement,
  scope: Scope,
): void {
  const { flags, declarations } = statement.declarationList;
  const isConst = (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const;
  if (!isConst) notInTheLanguage(interpreter, "let and var", statement, "declare it with const");
  for (const { name, initializer } of declarations) {
    const value =
      isConst && initializer !== undefined ? interpreter.evaluate(initializer, scope) : failed;
    bind(interpreter, name, value, scope);
  }
}

/** Types alone: nothing of them is left when the file runs. */
export function isErased(statement: ts.Statement): boolean {
  return (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    statement.kind === ts.SyntaxKind.EmptyStatement
  );
}

/** What a function gives: the value of its first `return`, or `undefined`. */
export function functionBody(interpreter: Interpreter, node: ts.ConciseBody, scope: Scope): Value {
  if (!ts.isBlock(node)) return interpreter.evaluate(node, scope);
  return block(interpreter, node.statements, scope) ?? scalar(undefined, interpreter.spanOf(node));
}

/** The value returned inside; `undefined` when the block runs to its end. */
function block(
  interpreter: Interpreter,
  statements: readonly ts.Statement[],
  scope: Scope,
): Value | undefined {
  hoist(interpreter, statements, scope);
  for (const statement of statements) {
    const returned = perform(interpreter, statement, scope);
    if (returned !== undefined) return returned;
  }
  return undefined;
}

function perform(
  interpreter: Interpreter,
  statement: ts.Statement,
  scope: Scope,
): Value | undefined {
  if (isErased(statement) || ts.isFunctionDeclaration(statement)) return undefined;
  if (ts.isVariableStatement(statement)) {
    declare(interpreter, statement, scope);
    return undefined;
  }
  if (ts.isReturnStatement(statement)) {
    return statement.expression === undefined
      ? scalar(undefined, interpreter.spanOf(statement))
      : interpreter.evaluate(statement.expression, scope);
  }
  if (ts.isIfStatement(statement)) {
    const condition = interpreter.evaluate(statement.expression, scope);
    if (condition.kind === "failed") return failed;
    const branch = isTruthy(condition) ? statement.thenStatement : statement.elseStatement;
    return branch === undefined
      ? undefined
      : interpreter.run.deeper(interpreter.spanOf(branch), () =>
          perform(interpreter, branch, scope),
        );
  }
  if (ts.isBlock(statement)) return block(interpreter, statement.statements, inside(scope));
  return notInTheLanguage(interpreter, "this statement", statement, "use const, if and return");
}
