import { ts } from "ts-morph";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { namesIn } from "./pattern.ts";

const { SyntaxKind } = ts;

/**
 * What JavaScript refuses before it runs a file, and what the language refuses even where nothing runs it.
 * TypeScript's parser leaves the first to its checker, which is never used here; and a `var` or a `class` in a
 * branch that is not taken would still give its name another meaning in the whole function.
 */
export function refuseEarly(interpreter: Interpreter, file: ts.SourceFile): void {
  const waiting: ts.Node[] = [file];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    // Types are erased: nothing in them is ever run.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      continue;
    if (ts.isSourceFile(node))
      distinct(interpreter, [...importedIn(node), ...declaredIn(node.statements)], "declared");
    if (ts.isSourceFile(node)) distinct(interpreter, exportedFrom(node), "exported");
    if (ts.isBlock(node)) statementsOf(interpreter, node);
    if (ts.isBlock(node)) distinct(interpreter, declaredIn(node.statements), "declared");
    if (ts.isArrowFunction(node) || ts.isFunctionDeclaration(node))
      functionScope(interpreter, node);
    if (ts.isIfStatement(node)) branches(interpreter, node);
    if (ts.isBinaryExpression(node)) mixture(interpreter, node);
    ts.forEachChild(node, (child) => {
      waiting.push(child);
    });
  }
}

interface Named {
  readonly name: string;
  readonly node: ts.Node;
}

/** Names that a module, which is always strict, cannot declare. */
const reserved = new Set(
  "arguments eval let static implements interface package private protected public yield await".split(
    " ",
  ),
);

function distinct(interpreter: Interpreter, names: readonly Named[], what: string): void {
  const seen = new Set<string>();
  for (const { name, node } of names) {
    if (what === "declared" && reserved.has(name))
      interpreter.refuse(
        "evaluate/syntax",
        `${name} cannot be a name`,
        node,
        "choose another name",
      );
    if (seen.has(name))
      interpreter.refuse("evaluate/syntax", `${name} is ${what} twice`, node, "rename one of them");
    seen.add(name);
  }
}

function declaredIn(statements: readonly ts.Statement[]): Named[] {
  return statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined)
      return [{ name: statement.name.text, node: statement.name }];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name: node }) =>
      namesIn(node).map((name) => ({ name, node })),
    );
  });
}

function importedIn(file: ts.SourceFile): Named[] {
  return file.statements.filter(ts.isImportDeclaration).flatMap(({ importClause }) => {
    if (importClause === undefined || importClause.isTypeOnly) return [];
    const { name, namedBindings } = importClause;
    const elements =
      namedBindings !== undefined && ts.isNamedImports(namedBindings) ? namedBindings.elements : [];
    const named = elements
      .filter(({ isTypeOnly }) => !isTypeOnly)
      .map(({ name: local }) => ({ name: local.text, node: local }));
    return name === undefined ? named : [{ name: name.text, node: name }, ...named];
  });
}

function exportedFrom(file: ts.SourceFile): Named[] {
  return file.statements.flatMap((statement): Named[] => {
    if (ts.isExportAssignment(statement)) return [{ name: "default", node: statement }];
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, isTypeOnly } = statement;
      if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
      return exportClause.elements
        .filter((element) => !element.isTypeOnly)
        .map(({ name }) => ({ name: name.text, node: name }));
    }
    const isExported =
      (ts.isVariableStatement(statement) || ts.isFunctionDeclaration(statement)) &&
      statement.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword);
    return isExported ? declaredIn([statement]) : [];
  });
}

/** Parameters and the names of the body itself share one scope: neither may hide the other. */
function functionScope(
  interpreter: Interpreter,
  { parameters, body }: ts.ArrowFunction | ts.FunctionDeclaration,
): void {
  const given = parameters.flatMap(({ name: node }) =>
    namesIn(node).map((name) => ({ name, node })),
  );
  distinct(interpreter, given, "declared");
  if (body === undefined || !ts.isBlock(body)) return;
  const taken = new Set(given.map(({ name }) => name));
  for (const { name, node } of declaredIn(body.statements)) {
    if (taken.has(name))
      interpreter.refuse(
        "evaluate/syntax",
        `${name} is already a parameter`,
        node,
        "rename one of them",
      );
  }
}

/** Statements of a block, taken or not. */
function statementsOf(interpreter: Interpreter, { statements }: ts.Block): void {
  for (const statement of statements) refuseForeign(interpreter, statement);
}

function branches(
  interpreter: Interpreter,
  { thenStatement, elseStatement }: ts.IfStatement,
): void {
  for (const branch of [thenStatement, elseStatement]) {
    if (branch === undefined) continue;
    if (ts.isFunctionDeclaration(branch) || ts.isVariableStatement(branch))
      interpreter.refuse(
        "evaluate/syntax",
        "a declaration cannot be a branch by itself",
        branch,
        "put it into { }",
      );
    else refuseForeign(interpreter, branch);
  }
}

function refuseForeign(interpreter: Interpreter, statement: ts.Statement): void {
  if (ts.isVariableStatement(statement)) {
    const isConst =
      (statement.declarationList.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const;
    if (!isConst) notInTheLanguage(interpreter, "let and var", statement, "declare it with const");
    return;
  }
  const isKnown =
    ts.isReturnStatement(statement) ||
    ts.isIfStatement(statement) ||
    ts.isBlock(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    statement.kind === SyntaxKind.EmptyStatement;
  if (!isKnown)
    notInTheLanguage(interpreter, "this statement", statement, "use const, if and return");
}

/** `a ?? b || c` means nothing in JavaScript without parentheses. */
function mixture(interpreter: Interpreter, node: ts.BinaryExpression): void {
  const isNullish = ({ operatorToken }: ts.BinaryExpression) =>
    operatorToken.kind === SyntaxKind.QuestionQuestionToken;
  const isLogical = ({ operatorToken: { kind } }: ts.BinaryExpression) =>
    kind === SyntaxKind.BarBarToken || kind === SyntaxKind.AmpersandAmpersandToken;
  const isMixed = [node.left, node.right].some(
    (side) =>
      ts.isBinaryExpression(side) &&
      ((isNullish(node) && isLogical(side)) || (isLogical(node) && isNullish(side))),
  );
  if (isMixed)
    interpreter.refuse(
      "evaluate/syntax",
      "?? beside || or && needs parentheses",
      node,
      "write (a ?? b) || c",
    );
}
