import { posix } from "node:path";
import { ts } from "ts-morph";
import { listed, type Span } from "../diagnostic/diagnostic.ts";
import { chain, expression } from "./expression.ts";
import { functionOf } from "./function.ts";
import { checkGrammar } from "./grammar.ts";
import type { Interpreter, Reporter } from "./interpreter.ts";
import { iterated } from "./iterate.ts";
import { namesIn } from "./pattern.ts";
import type { Run } from "./run.ts";
import { inside, type Scope } from "./scope.ts";
import { declare, functionBody, hoist, isErased } from "./statement.ts";
import { tokenStart } from "./token-start.ts";
import { failed, type Value } from "./value.ts";

/** What a file exports, by name; `undefined` when the file itself could not be read, which has been reported. */
export type Exports = ReadonlyMap<string, Value>;

/** The other files, as one file sees them. */
export interface Modules {
  /** Why there are no exports: the file is missing, or is being read right now (a circle). */
  exportsOf(path: string): Exports | "missing" | "circle" | "unreadable";
  readonly authors: Exports;
  /** Of all files, for suggestions. */
  paths(): Iterable<string>;
}

const SCHEMA = "@millwright/schema";

/** Reads one file from top to bottom, as JavaScript would run it. `undefined` when it nests deeper than can be read. */
export function readModule(run: Run, file: ts.SourceFile, modules: Modules): Exports | undefined {
  const refused = checkGrammar(reporterOf(run, file), file);
  if (refused === undefined) return undefined;
  const interpreter = interpreterOf(run, file, refused);
  const scope = inside(undefined);
  const { statements } = file;
  // Imports and functions are there before anything runs.
  for (const statement of statements)
    if (ts.isImportDeclaration(statement)) bindImports(interpreter, statement, scope, modules);
  hoist(interpreter, statements, scope);
  const exports: Exporting = new Map();
  for (const statement of statements)
    run.activate(() => topLevel(interpreter, statement, scope, exports, modules));
  // An export is a name: what it has come to by the end of the file is what others get.
  return new Map([...exports].map(([name, value]) => [name, value()]));
}

type Exporting = Map<string, () => Value>;

function reporterOf(run: Run, { fileName, text }: ts.SourceFile): Reporter {
  const spanOf = (node: ts.Node): Span => ({
    file: fileName,
    start: node.pos === node.end ? node.end : tokenStart(text, node.pos),
    end: node.end,
  });
  return {
    run,
    spanOf,
    refuse: (code, message, node, cure, also) =>
      run.refuse(code, message, spanOf(node), cure, also),
  };
}

function interpreterOf(run: Run, file: ts.SourceFile, refused: ReadonlySet<ts.Node>): Interpreter {
  const { trace } = run;
  const reporter = reporterOf(run, file);
  const { spanOf } = reporter;
  const plain = (node: ts.Expression, scope: Scope): Value => {
    if (refused.size > 0 && refused.has(node)) return failed;
    if (!run.enter()) return run.tooDeep(spanOf(node));
    try {
      return expression(interpreter, node, scope);
    } finally {
      run.leave();
    }
  };
  const interpreter: Interpreter = {
    ...reporter,
    evaluate:
      trace === undefined
        ? plain
        : (node, scope) => trace.through(node, spanOf(node), () => plain(node, scope)),
    chain: (node, scope) => {
      if (!run.enter()) return { value: run.tooDeep(spanOf(node)), ended: false };
      try {
        return chain(interpreter, node, scope);
      } finally {
        run.leave();
      }
    },
    iterate: (node, scope) => iterated(interpreter, node, scope),
    body: (node, scope) => functionBody(interpreter, node, scope),
  };
  return interpreter;
}

function topLevel(
  interpreter: Interpreter,
  statement: ts.Statement,
  scope: Scope,
  exports: Exporting,
  modules: Modules,
): void {
  const local = (name: string) => () => scope.names.get(name) ?? failed;
  if (ts.isImportDeclaration(statement) || isErased(statement)) return;
  if (ts.isVariableStatement(statement)) {
    declare(interpreter, statement, scope);
    if (!isExported(statement)) return;
    for (const name of statement.declarationList.declarations.flatMap((declaration) =>
      namesIn(declaration.name),
    )) {
      exports.set(name, local(name));
    }
  } else if (ts.isFunctionDeclaration(statement)) {
    if (!isExported(statement)) return;
    const isDefault = has(statement, ts.SyntaxKind.DefaultKeyword);
    const own = statement.name?.text;
    const value = own === undefined ? functionOf(interpreter, statement, scope) : undefined;
    exports.set(
      isDefault ? "default" : (own ?? ""),
      value !== undefined ? () => value : local(own ?? ""),
    );
  } else if (ts.isExportAssignment(statement)) {
    const value = interpreter.evaluate(statement.expression, scope);
    exports.set("default", () => value);
  } else if (ts.isExportDeclaration(statement)) {
    reexport(interpreter, statement, scope, exports, modules);
  }
  // The grammar has refused all others.
}

function isExported(statement: ts.VariableStatement | ts.FunctionDeclaration): boolean {
  return has(statement, ts.SyntaxKind.ExportKeyword);
}

function has(
  { modifiers }: ts.VariableStatement | ts.FunctionDeclaration,
  keyword: ts.SyntaxKind,
): boolean {
  return modifiers?.some(({ kind }) => kind === keyword) ?? false;
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
    // The grammar has refused it; what uses the name only follows from that.
    scope.names.set(namedBindings.name.text, failed);
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
  exports: Exporting,
  modules: Modules,
): void {
  if (statement.isTypeOnly) return;
  const { exportClause, moduleSpecifier } = statement;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return;
  const from =
    moduleSpecifier === undefined ? undefined : exportsFrom(interpreter, moduleSpecifier, modules);
  for (const { isTypeOnly, propertyName, name } of exportClause.elements) {
    if (isTypeOnly) continue;
    const local = propertyName ?? name;
    if (moduleSpecifier !== undefined) {
      const value = exported(interpreter, from, local.text, local);
      exports.set(name.text, () => value);
    } else if (scope.names.has(local.text))
      exports.set(name.text, () => scope.names.get(local.text) ?? failed);
    else
      interpreter.refuse(
        "evaluate/unknown-identifier",
        `nothing is called ${local.text} here`,
        local,
        "declare it with const, or import it",
      );
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
  // A specifier is a URL to Node: with these signs it would name another file than it seems to.
  const isPlain = !/[%#?\\\p{Cc}]/u.test(wanted);
  if (!isPlain || !path.startsWith("factories/") || !path.endsWith(".ts")) {
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
      nearestFile(interpreter, path, modules) ?? "name a file that is in the repository",
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

/** A cure that names the file that was probably meant. What all paths have in common tells nothing. */
function nearestFile({ run }: Interpreter, path: string, modules: Modules): string | undefined {
  const stemOf = (file: string) => file.slice("factories/".length, -".ts".length);
  const files = [...modules.paths()].filter((file) => file.endsWith(".ts"));
  const meant = run.suggest(stemOf(path), files.map(stemOf));
  return meant && `did you mean factories/${meant}.ts?`;
}

function exported(
  interpreter: Interpreter,
  exports: Exports | undefined,
  name: string,
  node: ts.Node,
): Value {
  if (exports === undefined) return failed;
  const value = exports.get(name);
  if (value !== undefined) return value;
  const meant = interpreter.run.suggest(name, exports.keys());
  return interpreter.refuse(
    "evaluate/no-such-export",
    `the file exports no ${name}`,
    node,
    meant === undefined
      ? `it exports ${listed(exports.keys(), 20) || "nothing"}`
      : `did you mean ${meant}?`,
  );
}
