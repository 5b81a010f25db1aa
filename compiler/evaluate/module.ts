import { posix } from "node:path";
import { ts } from "ts-morph";
import type { Span } from "../diagnostic/diagnostic.ts";
import { refuseEarly } from "./early.ts";
import { chain, expression } from "./expression.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { namesIn } from "./pattern.ts";
import type { Run } from "./run.ts";
import { inside, type Scope } from "./scope.ts";
import { declare, functionBody, hoist, isErased } from "./statement.ts";
import { failed, type Value } from "./value.ts";

/** What a file exports, by name; `undefined` when the file itself could not be read, which has been reported. */
export type Exports = ReadonlyMap<string, Value>;

/** The other files, as one file sees them. */
export interface Modules {
  /** Why there are no exports: the file is missing, or is being read right now (a circle). */
  exportsOf(path: string): Exports | "missing" | "circle" | "unreadable";
  readonly authors: Exports;
}

const SCHEMA = "@millwright/schema";

/** Reads one file from top to bottom, as JavaScript would run it. */
export function readModule(run: Run, file: ts.SourceFile, modules: Modules): Exports {
  const interpreter = interpreterOf(run, file);
  const scope = inside(undefined);
  refuseEarly(interpreter, file);
  const exports = new Map<string, Value>();
  const { statements } = file;
  // Imports and functions are there before anything runs.
  for (const statement of statements)
    if (ts.isImportDeclaration(statement)) bindImports(interpreter, statement, scope, modules);
  hoist(interpreter, statements, scope);
  for (const statement of statements) topLevel(interpreter, statement, scope, exports, modules);
  return exports;
}

function interpreterOf(run: Run, file: ts.SourceFile): Interpreter {
  // A function's body is walked once a call, and finding where a node starts reads the text again.
  const spans = new Map<ts.Node, Span>();
  const interpreter: Interpreter = {
    run,
    spanOf: (node) => {
      const known = spans.get(node);
      if (known !== undefined) return known;
      const span = { file: file.fileName, start: node.getStart(file), end: node.end };
      spans.set(node, span);
      return span;
    },
    refuse: (code, message, node, cure) =>
      run.refuse(code, message, interpreter.spanOf(node), cure),
    evaluate: (node, scope) =>
      run.deeper(interpreter.spanOf(node), () => expression(interpreter, node, scope)),
    chain: (node, scope) => {
      const link = run.deeper(interpreter.spanOf(node), () => chain(interpreter, node, scope));
      return "ended" in link ? link : { value: link, ended: false };
    },
    body: (node, scope) => functionBody(interpreter, node, scope),
  };
  return interpreter;
}

function topLevel(
  interpreter: Interpreter,
  statement: ts.Statement,
  scope: Scope,
  exports: Map<string, Value>,
  modules: Modules,
): void {
  if (ts.isImportDeclaration(statement) || isErased(statement)) return;
  if (ts.isVariableStatement(statement)) {
    declare(interpreter, statement, scope);
    if (!isExported(statement)) return;
    for (const name of statement.declarationList.declarations.flatMap((declaration) =>
      namesIn(declaration.name),
    )) {
      exports.set(name, scope.names.get(name) ?? failed);
    }
  } else if (ts.isFunctionDeclaration(statement)) {
    if (isExported(statement) && statement.name !== undefined)
      exports.set(statement.name.text, scope.names.get(statement.name.text) ?? failed);
  } else if (ts.isExportAssignment(statement) && statement.isExportEquals !== true) {
    exports.set("default", interpreter.evaluate(statement.expression, scope));
  } else if (ts.isExportDeclaration(statement)) {
    reexport(interpreter, statement, scope, exports, modules);
  } else {
    notInTheLanguage(
      interpreter,
      "this statement",
      statement,
      "a definition file holds imports, consts, functions and types",
    );
  }
}

function isExported(statement: ts.VariableStatement | ts.FunctionDeclaration): boolean {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function bindImports(
  interpreter: Interpreter,
  statement: ts.ImportDeclaration,
  scope: Scope,
  modules: Modules,
): void {
  const { importClause, moduleSpecifier } = statement;
  if (importClause?.isTypeOnly) return;
  const exports = exportsFrom(interpreter, moduleSpecifier, modules);
  if (importClause === undefined) return;
  if (importClause.name !== undefined)
    scope.names.set(
      importClause.name.text,
      exported(interpreter, exports, "default", importClause.name),
    );
  const { namedBindings } = importClause;
  if (namedBindings === undefined) return;
  if (ts.isNamespaceImport(namedBindings)) {
    scope.names.set(
      namedBindings.name.text,
      notInTheLanguage(interpreter, "import * as", namedBindings, "import the names: import { … }"),
    );
    return;
  }
  for (const { isTypeOnly, propertyName, name } of namedBindings.elements) {
    if (!isTypeOnly)
      scope.names.set(name.text, exported(interpreter, exports, (propertyName ?? name).text, name));
  }
}

function reexport(
  interpreter: Interpreter,
  statement: ts.ExportDeclaration,
  scope: Scope,
  exports: Map<string, Value>,
  modules: Modules,
): void {
  if (statement.isTypeOnly) return;
  const { exportClause, moduleSpecifier } = statement;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) {
    notInTheLanguage(interpreter, "export *", statement, "export the names: export { … } from …");
    return;
  }
  const from =
    moduleSpecifier === undefined ? undefined : exportsFrom(interpreter, moduleSpecifier, modules);
  for (const { isTypeOnly, propertyName, name } of exportClause.elements) {
    if (isTypeOnly) continue;
    const local = propertyName ?? name;
    const value =
      moduleSpecifier !== undefined
        ? exported(interpreter, from, local.text, local)
        : ts.isIdentifier(local)
          ? interpreter.evaluate(local, scope)
          : failed;
    exports.set(name.text, value);
  }
}

/** `undefined` when there are none, which has been reported. */
function exportsFrom(
  interpreter: Interpreter,
  specifier: ts.Expression,
  modules: Modules,
): Exports | undefined {
  const wanted = ts.isStringLiteral(specifier) ? specifier.text : "";
  if (wanted === SCHEMA) return modules.authors;
  if (!/^\.\.?\//.test(wanted)) {
    interpreter.refuse(
      "evaluate/import-outside",
      `definitions cannot import ${wanted}`,
      specifier,
      `import from ${SCHEMA} and from other definition files: ./models.ts`,
    );
    return undefined;
  }
  const path = posix.join(posix.dirname(interpreter.spanOf(specifier).file), wanted);
  if (!path.startsWith("factories/") || !path.endsWith(".ts")) {
    interpreter.refuse(
      "evaluate/import-outside",
      `${wanted} is no TypeScript file below factories/`,
      specifier,
      "name a definition file with its ending: ./models.ts",
    );
    return undefined;
  }
  const exports = modules.exportsOf(path);
  if (exports === "missing")
    interpreter.refuse(
      "evaluate/no-such-file",
      `there is no ${path}`,
      specifier,
      "name a file that is in the repository",
    );
  if (exports === "circle")
    interpreter.refuse(
      "evaluate/import-cycle",
      `${path} imports this file, directly or through others`,
      specifier,
      "move what both need into a file of its own",
    );
  return typeof exports === "string" ? undefined : exports;
}

function exported(
  interpreter: Interpreter,
  exports: Exports | undefined,
  name: string,
  node: ts.Node,
): Value {
  if (exports === undefined) return failed;
  return (
    exports.get(name) ??
    interpreter.refuse(
      "evaluate/no-such-export",
      `the file exports no ${name}`,
      node,
      `it exports ${[...exports.keys()].sort().join(", ") || "nothing"}`,
    )
  );
}
