import { ts } from "ts-morph";
import type { Reporter } from "./interpreter.ts";
import { namesIn } from "./pattern.ts";

/** A name, and where it is declared. */
export interface Named {
  readonly name: string;
  readonly node: ts.Node;
}

/** Names that a module, which is always strict, cannot use: as ECMA-262 has it (Identifiers, static semantics). */
export const reserved: ReadonlySet<string> = new Set(
  "let static implements interface package private protected public yield await".split(" "),
);

/** Reports names that stand twice in one scope, and names that no scope may declare. */
export function distinct(
  reporter: Reporter,
  names: readonly Named[],
  what: "declared" | "exported" = "declared",
): void {
  const seen = new Map<string, ts.Node>();
  for (const { name, node } of names) {
    const isReserved = reserved.has(name) || name === "arguments" || name === "eval";
    if (what === "declared" && isReserved)
      reporter.refuse("evaluate/syntax", `${name} cannot be a name`, node, "choose another name");
    const first = seen.get(name);
    if (first === undefined) seen.set(name, node);
    else
      reporter.refuse("evaluate/syntax", `${name} is ${what} twice`, node, "rename one of them", [
        { message: "the first", at: reporter.spanOf(first) },
      ]);
  }
}

export function patternNames(node: ts.BindingName): Named[] {
  return namesIn(node).map((name) => ({ name, node }));
}

/** What the statements of one scope declare. */
export function declaredIn(statements: readonly ts.Statement[]): Named[] {
  return statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined)
      return [{ name: statement.name.text, node: statement.name }];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name }) => patternNames(name));
  });
}

export function importedIn(file: ts.SourceFile): Named[] {
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

export function exportedFrom(file: ts.SourceFile): Named[] {
  return file.statements.flatMap((statement): Named[] => {
    if (ts.isExportAssignment(statement)) return [{ name: "default", node: statement }];
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, isTypeOnly } = statement;
      if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
      return exportClause.elements
        .filter((element) => !element.isTypeOnly)
        .map(({ name }) => ({ name: name.text, node: name }));
    }
    if (!ts.isVariableStatement(statement) && !ts.isFunctionDeclaration(statement)) return [];
    const kinds = (statement.modifiers ?? []).map(({ kind }) => kind);
    if (!kinds.includes(ts.SyntaxKind.ExportKeyword)) return [];
    return kinds.includes(ts.SyntaxKind.DefaultKeyword)
      ? [{ name: "default", node: statement }]
      : declaredIn([statement]);
  });
}
