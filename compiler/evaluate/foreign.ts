import { ts } from "ts-morph";

const { SyntaxKind } = ts;

/** A form of TypeScript that the language has not: how people call it, and what to write instead. */
interface Foreign {
  readonly what: string;
  readonly cure: string;
}

const value =
  "write the value with literals, const, spread, templates, conditionals, functions and list methods";
const loops = "go through a list: for (const item of list), or through range(n)";
const types = "write a union of literals: type Site = 'fra' | 'ams'";

const forms: ReadonlyMap<ts.SyntaxKind, readonly [what: string, cure: string]> = new Map([
  [SyntaxKind.ClassDeclaration, ["classes", "write a function that gives an object"]],
  [SyntaxKind.ClassExpression, ["classes", "write a function that gives an object"]],
  [SyntaxKind.EnumDeclaration, ["enums", types]],
  [SyntaxKind.ModuleDeclaration, ["namespaces", "write a file of its own, and import from it"]],
  [SyntaxKind.ImportEqualsDeclaration, ["import =", "write import { … } from …"]],
  [SyntaxKind.NamespaceExportDeclaration, ["export as namespace", "leave it out"]],
  [SyntaxKind.ForStatement, ["for (;;)", loops]],
  [SyntaxKind.ForInStatement, ["for…in", "go through Object.keys(…) with for…of"]],
  [SyntaxKind.WhileStatement, ["while", loops]],
  [SyntaxKind.DoStatement, ["do…while", loops]],
  [SyntaxKind.TryStatement, ["try", "ask before: value?.field ?? fallback"]],
  [SyntaxKind.ThrowStatement, ["throw", "write a value that the checks refuse, or leave it out"]],
  [SyntaxKind.LabeledStatement, ["labels", "return from a function of its own"]],
  [SyntaxKind.WithStatement, ["with", "write the object's name"]],
  [SyntaxKind.DebuggerStatement, ["debugger", "leave it out: nothing is executed"]],
  [SyntaxKind.NewExpression, ["new", value]],
  [SyntaxKind.AwaitExpression, ["await", "leave it out: nothing here takes time"]],
  [SyntaxKind.YieldExpression, ["yield", "fill a list and return it"]],
  [SyntaxKind.ThisKeyword, ["this", "give the object a name: const own = { … }"]],
  [SyntaxKind.SuperKeyword, ["super", value]],
  [SyntaxKind.ImportKeyword, ["import()", "import at the top: import { … } from './file.ts'"]],
  [SyntaxKind.MetaProperty, ["import.meta and new.target", value]],
  [SyntaxKind.RegularExpressionLiteral, ["regular expressions", "use split, replaceAll, includes"]],
  [SyntaxKind.BigIntLiteral, ["big integers", "write a number"]],
  [SyntaxKind.TaggedTemplateExpression, ["tagged templates", "call a function"]],
  [SyntaxKind.DeleteExpression, ["delete", "take it apart: const { field, ...rest } = object"]],
  [SyntaxKind.VoidExpression, ["void", "write undefined"]],
  [SyntaxKind.TypeAssertionExpression, ["<Type>value", "write value as Type"]],
  [SyntaxKind.ExpressionWithTypeArguments, ["a function with types and no call", "call it"]],
  [SyntaxKind.JsxElement, ["JSX", value]],
  [SyntaxKind.MethodDeclaration, ["methods", "write a field: name: (…) => …"]],
  [SyntaxKind.GetAccessor, ["getters", "write a field with the value"]],
  [SyntaxKind.SetAccessor, ["setters", "write a field with the value"]],
  [SyntaxKind.OmittedExpression, ["a hole in a list", "write undefined, or leave the comma out"]],
  [SyntaxKind.SpreadElement, ["a spread here", value]],
]);

export function foreign(node: ts.Node): Foreign {
  const known = forms.get(node.kind);
  if (known !== undefined) return { what: known[0], cure: known[1] };
  return ts.isStatement(node)
    ? { what: "this statement", cure: "use const, let, if, switch, for…of and return" }
    : { what: "this expression", cure: value };
}

/** Every form that is refused by name, for the specification. */
export const foreignForms: readonly string[] = [
  ...new Set([...forms.values()].map(([what]) => what)),
];

/** Of an operator that the language has not. */
export function foreignOperator(kind: ts.SyntaxKind): Foreign {
  const sign = ts.tokenToString(kind) ?? "this";
  const cure =
    kind === SyntaxKind.EqualsEqualsToken || kind === SyntaxKind.ExclamationEqualsToken
      ? `write ${sign}=`
      : kind === SyntaxKind.CommaToken
        ? "write one expression"
        : "calculate with + - * / % ** and comparisons";
  return { what: `the operator ${sign}`, cure };
}
