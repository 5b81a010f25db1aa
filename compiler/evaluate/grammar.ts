import { ts } from "ts-morph";
import { isAssignment } from "./assignment.ts";
import { budget } from "./budget.ts";
import { declaredIn, distinct, exportedFrom, importedIn, patternNames } from "./declared.ts";
import { foreign } from "./foreign.ts";
import { expressionRules, isCount } from "./grammar-expression.ts";
import { functionRules, patternRules } from "./grammar-function.ts";
import type { Grammar, Place } from "./grammar-place.ts";
import { notInTheLanguage, type Reporter } from "./interpreter.ts";
import { isErased } from "./statement.ts";
import { tokenStart } from "./token-start.ts";

const { SyntaxKind } = ts;

/**
 * Goes through a whole file before any of it is read, and refuses every form that the language has not, wherever it
 * stands: also in a branch that is never taken, where JavaScript would refuse the file or mean something else by it.
 * What JavaScript refuses before it runs a file, and TypeScript leaves to its checker, is refused here too.
 * Types are passed over: they are erased. Gives what it refused, so that nothing is said of it again;
 * `undefined` when the file nests deeper than can be read at all.
 */
export function checkGrammar(
  reporter: Reporter,
  file: ts.SourceFile,
): ReadonlySet<ts.Node> | undefined {
  const grammar = new Rules(reporter, file);
  distinct(reporter, [...importedIn(file), ...declaredIn(file.statements)]);
  distinct(reporter, exportedFrom(file), "exported");
  for (const statement of file.statements) grammar.topLevel(statement);
  return grammar.isTooDeep ? undefined : grammar.refused;
}

const top: Place = { inFunction: false, inLoop: false, inSwitch: false };

class Rules implements Grammar {
  readonly reporter: Reporter;
  readonly file: string;
  readonly text: string;
  readonly refused = new Set<ts.Node>();
  isTooDeep = false;
  #depth = 0;

  constructor(reporter: Reporter, file: ts.SourceFile) {
    this.reporter = reporter;
    this.file = file.fileName;
    this.text = file.text;
  }

  topLevel(statement: ts.Statement): void {
    if (ts.isImportDeclaration(statement)) this.#import(statement);
    else if (ts.isExportDeclaration(statement)) this.#reexport(statement);
    else if (ts.isExportAssignment(statement)) {
      if (statement.isExportEquals) this.refuse("export =", statement, "write export default …");
      else this.expression(statement.expression, top);
    } else if (ts.isVariableStatement(statement) || ts.isFunctionDeclaration(statement))
      this.#statement(statement, top);
    else if (isErased(statement)) return;
    else if (ts.isExpressionStatement(statement))
      this.refuse(
        "an expression by itself",
        statement,
        "export it: export const name = …, or call it inside a function",
      );
    else if (isOfFunctions(statement))
      this.refuse(
        "a statement outside functions",
        statement,
        "write const name = condition ? a : b, or a function",
      );
    else this.foreign(statement);
  }

  #import({ importClause, attributes, modifiers }: ts.ImportDeclaration): void {
    if (attributes !== undefined) this.refuse("import attributes", attributes, "leave them out");
    if (modifiers?.[0] !== undefined) this.refuse("this import", modifiers[0], "leave it out");
    const bindings = importClause?.namedBindings;
    if (importClause?.isTypeOnly || bindings === undefined) return;
    if (ts.isNamespaceImport(bindings))
      this.refuse("import * as", bindings, "import the names: import { … }");
  }

  #reexport(node: ts.ExportDeclaration): void {
    const { exportClause, isTypeOnly, attributes } = node;
    if (attributes !== undefined) this.refuse("import attributes", attributes, "leave them out");
    const isNamed = exportClause !== undefined && ts.isNamedExports(exportClause);
    if (!isTypeOnly && !isNamed)
      this.refuse("export *", node, "export the names: export { … } from …");
  }

  statements(statements: readonly ts.Statement[], place: Place): void {
    for (const statement of statements) this.#statement(statement, place);
  }

  #statement(node: ts.Statement, place: Place): void {
    if (!this.#enter(node)) return;
    this.#rules(node, place);
    this.#depth -= 1;
  }

  #rules(node: ts.Statement, place: Place): void {
    if (ts.isVariableStatement(node)) this.#variables(node, place);
    else if (ts.isFunctionDeclaration(node)) this.function(node, place);
    else if (ts.isExpressionStatement(node)) this.#effect(node, place);
    else if (ts.isReturnStatement(node)) {
      if (node.expression !== undefined) this.expression(node.expression, place);
    } else if (ts.isIfStatement(node)) {
      this.expression(node.expression, place);
      this.#branch(node.thenStatement, place);
      if (node.elseStatement !== undefined) this.#branch(node.elseStatement, place);
    } else if (ts.isForOfStatement(node)) this.#loop(node, place);
    else if (ts.isSwitchStatement(node)) this.#switch(node, place);
    else if (ts.isBlock(node)) {
      distinct(this.reporter, declaredIn(node.statements));
      this.statements(node.statements, place);
    } else if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) this.#jump(node, place);
    else if (!isErased(node)) this.foreign(node);
  }

  #variables(node: ts.VariableStatement, place: Place): void {
    const { declarationList, modifiers } = node;
    if (modifiers?.some(({ kind }) => kind === SyntaxKind.DeclareKeyword)) {
      this.refuse("declare", node, "import it, or write a const");
      return;
    }
    const kind = declarationList.flags & ts.NodeFlags.BlockScoped;
    if (kind !== ts.NodeFlags.Const && !(kind === ts.NodeFlags.Let && place.inFunction))
      this.refuse(
        kind === ts.NodeFlags.Let ? "let outside a function" : kind === 0 ? "var" : "using",
        node,
        "declare it with const",
      );
    for (const declaration of declarationList.declarations) {
      const { name, initializer } = declaration;
      this.pattern(name, place);
      if (initializer !== undefined) this.expression(initializer, place);
      else if (kind === ts.NodeFlags.Const || !ts.isIdentifier(name))
        this.syntax("this has no value", declaration, "give it one: const name = …");
    }
  }

  /** An expression that stands for what it does. */
  #effect({ expression: node }: ts.ExpressionStatement, place: Place): void {
    const does =
      ts.isCallExpression(node) ||
      ts.isPostfixUnaryExpression(node) ||
      (ts.isPrefixUnaryExpression(node) && isCount(node.operator)) ||
      (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind));
    // A line that begins with a bracket may belong to the one before it, once types are erased.
    const first = this.text[tokenStart(this.text, node.pos)];
    if (!does) this.refuse("an expression without effect", node, "return it, or leave it out");
    else if (ts.isCallExpression(node) && (first === "(" || first === "[" || first === "`"))
      this.refuse("a statement that begins with a bracket", node, "begin it with a name");
    else this.expression(node, place);
  }

  #branch(node: ts.Statement, place: Place): void {
    if (ts.isFunctionDeclaration(node) || isLexical(node))
      this.syntax("a declaration cannot be a branch by itself", node, "put it into { }");
    else this.#statement(node, place);
  }

  #loop(node: ts.ForOfStatement, place: Place): void {
    if (node.awaitModifier !== undefined)
      this.refuse("for await", node.awaitModifier, "write for (const item of list)");
    this.expression(node.expression, place);
    const { initializer } = node;
    if (ts.isVariableDeclarationList(initializer)) {
      const kind = initializer.flags & ts.NodeFlags.BlockScoped;
      if (kind !== ts.NodeFlags.Const && kind !== ts.NodeFlags.Let)
        this.refuse("var", initializer, "write for (const item of list)");
      for (const declaration of initializer.declarations) {
        distinct(this.reporter, patternNames(declaration.name));
        this.pattern(declaration.name, place);
        if (declaration.initializer !== undefined || initializer.declarations.length > 1)
          this.syntax("a loop declares one name without a value", declaration, "leave it out");
      }
    } else
      this.refuse("a loop over a name from outside", initializer, "write for (const item of …)");
    this.#branch(node.statement, { ...place, inLoop: true });
  }

  #switch(node: ts.SwitchStatement, place: Place): void {
    this.expression(node.expression, place);
    const { clauses } = node.caseBlock;
    distinct(
      this.reporter,
      clauses.flatMap(({ statements }) => declaredIn(statements)),
    );
    const defaults = clauses.filter(ts.isDefaultClause);
    if (defaults[1] !== undefined) this.syntax("a second default", defaults[1], "keep one of them");
    for (const clause of clauses) {
      if (ts.isCaseClause(clause)) this.expression(clause.expression, place);
      this.statements(clause.statements, { ...place, inSwitch: true });
    }
  }

  #jump(node: ts.BreakStatement | ts.ContinueStatement, { inLoop, inSwitch }: Place): void {
    if (node.label !== undefined)
      this.refuse("labels", node.label, "return from a function of its own");
    if (!inLoop && !(ts.isBreakStatement(node) && inSwitch))
      this.syntax("there is nothing here to break or continue", node, "leave it out");
  }

  expression(node: ts.Expression, place: Place): void {
    if (!this.#enter(node)) return;
    expressionRules(this, node, place);
    this.#depth -= 1;
  }

  function(
    node: ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction,
    place: Place,
  ): void {
    functionRules(this, node, place);
  }

  pattern(name: ts.BindingName, place: Place): void {
    if (ts.isIdentifier(name) || !this.#enter(name)) return;
    patternRules(this, name, place);
    this.#depth -= 1;
  }

  /** Goes one level further in; false when that is too deep. */
  #enter(node: ts.Node): boolean {
    if (this.#depth < budget.depth) {
      this.#depth += 1;
      return true;
    }
    // Said once a file: what nests that deep does so in more than one place.
    if (this.isTooDeep) return false;
    this.isTooDeep = true;
    this.reporter.refuse(
      "evaluate/too-deep",
      `the file nests deeper than ${budget.depth} levels`,
      node,
      "define the inner parts as consts of their own",
    );
    return false;
  }

  foreign(node: ts.Node): void {
    const { what, cure } = foreign(node);
    this.refuse(what, node, cure);
  }

  refuse(what: string, node: ts.Node, cure: string): void {
    this.refused.add(node);
    notInTheLanguage(this.reporter, what, node, cure);
  }

  syntax(message: string, node: ts.Node, cure: string): void {
    this.refused.add(node);
    this.reporter.refuse("evaluate/syntax", message, node, cure);
  }
}

function isOfFunctions(node: ts.Statement): boolean {
  return (
    ts.isIfStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isSwitchStatement(node) ||
    ts.isBlock(node) ||
    ts.isReturnStatement(node)
  );
}

function isLexical(node: ts.Statement): boolean {
  return (
    ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.BlockScoped) > 0
  );
}
