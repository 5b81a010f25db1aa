import { ts } from "ts-morph";
import { functionOf } from "./function.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { goingThrough } from "./list.ts";
import { isSame } from "./operators.ts";
import { bind, namesIn } from "./pattern.ts";
import { declareAssignable, inside, type Scope } from "./scope.ts";
import { failed, isTruthy, scalar, type Value } from "./value.ts";

/** How a statement ended, unless it ran to its end: with a value that is returned, or by leaving what is around it. */
type Completion = Value | "break" | "continue" | undefined;

/** Declares everything that a block declares: functions with their value, consts and lets still without. */
export function hoist(
  interpreter: Interpreter,
  statements: readonly ts.Statement[],
  scope: Scope,
): void {
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
      scope.names.set(statement.name.text, functionOf(interpreter, statement, scope));
    } else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        declareNames(name, statement.declarationList, scope);
    }
  }
}

function declareNames(name: ts.BindingName, list: ts.VariableDeclarationList, scope: Scope): void {
  const isLet = (list.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Let;
  for (const declared of namesIn(name)) {
    if (isLet) declareAssignable(scope, declared);
    else scope.names.set(declared, undefined);
  }
}

/** `const` and `let` with their values; a `let` without one is undefined. */
export function declare(
  interpreter: Interpreter,
  { declarationList }: ts.VariableStatement,
  scope: Scope,
): void {
  const isLet = (declarationList.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Let;
  for (const declaration of declarationList.declarations) {
    const { name, initializer } = declaration;
    const value =
      initializer !== undefined
        ? interpreter.evaluate(initializer, scope)
        : isLet
          ? scalar(undefined, interpreter.spanOf(declaration))
          : failed;
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
  const end = block(interpreter, node.statements, scope);
  // The grammar lets no break and no continue out of a function.
  return end === undefined || typeof end === "string"
    ? scalar(undefined, interpreter.spanOf(node))
    : end;
}

function block(
  interpreter: Interpreter,
  statements: readonly ts.Statement[],
  scope: Scope,
): Completion {
  hoist(interpreter, statements, scope);
  return inTurn(interpreter, statements, scope);
}

function inTurn(
  interpreter: Interpreter,
  statements: readonly ts.Statement[],
  scope: Scope,
): Completion {
  for (const statement of statements) {
    const end = perform(interpreter, statement, scope);
    if (end !== undefined) return end;
  }
  return undefined;
}

/** One statement. Each is one level of depth and one step, so that neither nesting nor loops are free. */
function perform(interpreter: Interpreter, statement: ts.Statement, scope: Scope): Completion {
  const { run } = interpreter;
  const at = interpreter.spanOf(statement);
  if (!run.spend(1, at)) return failed;
  if (!run.enter()) return run.tooDeep(at);
  try {
    return performed(interpreter, statement, scope);
  } finally {
    run.leave();
  }
}

function performed(interpreter: Interpreter, statement: ts.Statement, scope: Scope): Completion {
  if (ts.isVariableStatement(statement)) {
    declare(interpreter, statement, scope);
    return undefined;
  }
  if (ts.isExpressionStatement(statement)) {
    const value = interpreter.evaluate(statement.expression, scope);
    return value.kind === "failed" ? failed : undefined;
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
    return branch && perform(interpreter, branch, scope);
  }
  if (ts.isForOfStatement(statement)) return loop(interpreter, statement, scope);
  if (ts.isSwitchStatement(statement)) return choose(interpreter, statement, scope);
  if (ts.isBlock(statement)) return block(interpreter, statement.statements, inside(scope));
  if (ts.isBreakStatement(statement)) return "break";
  if (ts.isContinueStatement(statement)) return "continue";
  if (isErased(statement) || ts.isFunctionDeclaration(statement)) return undefined;
  return notInTheLanguage(
    interpreter,
    "this statement",
    statement,
    "use const, let, if, switch, for…of and return",
  );
}

/** Each turn has names of its own, as in JavaScript: a function made in one keeps that turn's. */
function loop(interpreter: Interpreter, node: ts.ForOfStatement, scope: Scope): Completion {
  const { initializer, statement } = node;
  if (!ts.isVariableDeclarationList(initializer)) return failed;
  const [declaration] = initializer.declarations;
  if (declaration === undefined) return failed;
  // What is gone through may not mention the loop's own name: it has no value yet.
  const around = inside(scope);
  declareNames(declaration.name, initializer, around);
  const source = interpreter.iterate(node.expression, around);
  if (source === undefined) return failed;
  return goingThrough(source.list, () => {
    for (const item of source.items) {
      if (!interpreter.run.spend(1, interpreter.spanOf(node))) return failed;
      const turn = inside(scope);
      declareNames(declaration.name, initializer, turn);
      bind(interpreter, declaration.name, item, turn);
      const end = perform(interpreter, statement, turn);
      if (end === "break") return undefined;
      if (end !== undefined && end !== "continue") return end;
    }
    return undefined;
  });
}

/** The first case that is equal, or the default; from there on until a break. All cases share one scope. */
function choose(interpreter: Interpreter, node: ts.SwitchStatement, scope: Scope): Completion {
  const value = interpreter.evaluate(node.expression, scope);
  if (value.kind === "failed") return failed;
  const own = inside(scope);
  const { clauses } = node.caseBlock;
  for (const { statements } of clauses) hoist(interpreter, statements, own);
  let start = -1;
  for (const [index, clause] of clauses.entries()) {
    if (ts.isDefaultClause(clause)) continue;
    const candidate = interpreter.evaluate(clause.expression, own);
    if (candidate.kind === "failed") return failed;
    if (isSame(value, candidate)) {
      start = index;
      break;
    }
  }
  if (start < 0) start = clauses.findIndex(ts.isDefaultClause);
  if (start < 0) return undefined;
  for (const { statements } of clauses.slice(start)) {
    const end = inTurn(interpreter, statements, own);
    if (end === "break") return undefined;
    if (end !== undefined) return end;
  }
  return undefined;
}
