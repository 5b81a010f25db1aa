import { posix } from "node:path";
import { ts } from "ts-morph";

/** A stretch of a file from which names get what they stand for: a declaration, an import, the arguments of a call. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** The next larger one around it. */
  readonly around: Part | undefined;
  /** The names that stand for it. */
  readonly owners: readonly string[];
  /** The function that it is an argument of: its parameters stand for it as well. */
  readonly argumentOf?: string;
}

/** A place where a name is used, and the smallest part around it. */
export interface Use {
  readonly at: number;
  readonly within: Part | undefined;
}

/** Where a name comes from. `*` is a whole file, which only types may be imported from. */
export interface Origin {
  readonly file: string;
  readonly name: string;
}

/** How the names of a file hang together. Scopes are not told apart: two things of one name count as one. */
export interface Outline {
  readonly parts: readonly Part[];
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** By the name here. */
  readonly origins: ReadonlyMap<string, readonly Origin[]>;
  /** The names that a name is exported under. */
  readonly renamed: ReadonlyMap<string, readonly string[]>;
  /** Of the functions that are declared here. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

export function outlineOf(file: string, source: ts.SourceFile): Outline {
  const parts: Part[] = [];
  const uses = new Map<string, Use[]>();
  const origins = new Map<string, Origin[]>();
  const renamed = new Map<string, string[]>();
  const parameters = new Map<string, string[]>();

  const open = (
    node: ts.Node,
    around: Part | undefined,
    owners: string[],
    callee?: string,
  ): Part => {
    const part: Part = {
      start: node.getStart(source),
      end: node.end,
      around,
      owners,
      ...(callee !== undefined && { argumentOf: callee }),
    };
    parts.push(part);
    return part;
  };
  const walk = (node: ts.Node, around: Part | undefined): void =>
    ts.forEachChild(node, (child) => visit(child, around));
  const declare = (node: ts.Node, around: Part | undefined, names: string[]): void =>
    walk(node, open(node, around, names));

  const visit = (node: ts.Node, around: Part | undefined): void => {
    if (ts.isIdentifier(node)) {
      if (!isPropertyName(node))
        add(uses, node.text, { at: node.getStart(source), within: around });
    } else if (ts.isVariableDeclaration(node)) {
      const names = boundNames(node.name);
      if (node.initializer !== undefined && isFunction(node.initializer))
        for (const name of names) add(parameters, name, ...parameterNames(node.initializer));
      declare(node, around, names);
    } else if (ts.isFunctionDeclaration(node)) {
      const name = node.name?.text ?? "default";
      add(parameters, name, ...parameterNames(node));
      declare(node, around, [name]);
    } else if (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      declare(node, around, [node.name.text]);
    } else if (ts.isExportAssignment(node)) {
      declare(node, around, ["default"]);
    } else if (ts.isCallExpression(node)) {
      // In `list.map((item) => …)`, what the item is stands in the list.
      const items = node.arguments.filter(isFunction).flatMap(parameterNames);
      visit(node.expression, open(node.expression, around, items));
      const callee = ts.isIdentifier(node.expression) ? node.expression.text : undefined;
      for (const argument of node.arguments) visit(argument, open(argument, around, [], callee));
    } else if (ts.isImportDeclaration(node)) {
      const imported = importedNames(node);
      open(
        node.moduleSpecifier,
        around,
        imported.map(([name]) => name),
      );
      const from = fileOf(file, node.moduleSpecifier);
      for (const [name, theirs, at] of imported) {
        open(at, around, [name]);
        add(origins, name, { file: from, name: theirs });
      }
    } else if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && fileOf(file, node.moduleSpecifier);
      for (const [name, theirs, at] of exportedNames(node)) {
        open(at, around, [name]);
        if (from !== undefined) add(origins, name, { file: from, name: theirs });
        else add(renamed, theirs, name);
      }
    } else walk(node, around);
  };
  visit(source, undefined);
  return { parts, uses, origins, renamed, parameters };
}

/** The name of a property says nothing about what is in scope; `{ shorthand }` does. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent)) &&
    parent.name === node
  );
}

type Named = readonly [name: string, theirs: string, at: ts.Node];

function importedNames({ importClause }: ts.ImportDeclaration): Named[] {
  const bindings = importClause?.namedBindings;
  const whole = importClause?.name;
  return [
    ...(whole === undefined ? [] : [[whole.text, "default", whole] satisfies Named]),
    ...(bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? [[bindings.name.text, "*", bindings] satisfies Named]
        : bindings.elements.map(elementNames)),
  ];
}

function exportedNames({ exportClause }: ts.ExportDeclaration): Named[] {
  // `export *` and `export * as` are refused where they stand.
  return exportClause !== undefined && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(elementNames)
    : [];
}

function elementNames(element: ts.ImportSpecifier | ts.ExportSpecifier): Named {
  return [element.name.text, (element.propertyName ?? element.name).text, element];
}

function parameterNames({ parameters }: ts.SignatureDeclaration): string[] {
  return parameters.flatMap(({ name }) => boundNames(name));
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? boundNames(element.name) : [],
  );
}

function isFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function fileOf(file: string, specifier: ts.Expression): string {
  const wanted = ts.isStringLiteral(specifier) ? specifier.text : "";
  return /^\.\.?\//.test(wanted) ? posix.join(posix.dirname(file), wanted) : wanted;
}

function add<T>(map: Map<string, T[]>, key: string, ...values: T[]): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [...values]);
  else list.push(...values);
}
