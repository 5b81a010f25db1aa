/** The declarations that tsc and authors' editors are given are made from the JSON Schemas: they are those of the package. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { authorDeclarations, kinds } from "@millwright/schema";
import { ts } from "ts-morph";
import { expect, test } from "vitest";
import { findTsc } from "../../compiler/types/compiler.ts";
import { temporary } from "./types-kit.ts";

const root = join(import.meta.dirname, "../..");
const author = join(root, "schema/author/author.ts");

/** What definitions have no use for: what the compiler and the editors' files are made with. */
const compilersOwn = [
  "classifications",
  "definitionSchemas",
  "kinds",
  "purposes",
  "hubUrl",
  "policySubjects",
  "PolicySubject",
  "Described",
  "docOf",
  "authorDeclarations",
  ...kinds.map((kind) => `Written${kind.charAt(0).toUpperCase()}${kind.slice(1)}`),
];

const examples: Readonly<Record<string, readonly string[]>> = {
  Reference: ['<"model">'],
  Defined: ['<"host">'],
  Authored: ["<F.Factory>", "<F.Host>", "<string>", "<{ a: F.Dataset[] }>"],
  Fields: ["<F.Factory>", "<F.Host>", "<F.Adapter>"],
  Written: ['<"factory", F.Factory>', '<"host", F.Host>'],
};

test("every type and every function of it is exactly the schema's", () => {
  const lines = seen().flatMap(({ name, isFunction }) =>
    (examples[name] ?? [""]).map((given) => {
      const [theirs, ours] = ["real", "seen"].map((from) =>
        isFunction
          ? `typeof ${from}.${name}`
          : `${from}.${name}${given.replaceAll("F.", `${from}.`)}`,
      );
      return `same<${theirs}, ${ours}>(true); // ${name}`;
    }),
  );
  expect(lines.length).toBeGreaterThan(20);
  expect(saidOf(authorDeclarations(), lines)).toEqual([]);
});

test("the comparison notices a field more, a field less, and another type", () => {
  for (const [from, to] of [
    ["  site: string;", "  site: string; more?: string;"],
    ["  cores?: number;", "  coers?: number;"],
    ["  cores?: number;", "  cores?: string;"],
    ["  cores?: number;", "  cores: number;"],
  ] as const) {
    const other = authorDeclarations().replace(from, to);
    expect(other).not.toBe(authorDeclarations());
    expect(saidOf(other, ["same<real.Host, seen.Host>(true); // Host"]), to).toEqual(["Host"]);
  }
});

test("all that authors can import is there, and nothing else", () => {
  const source = ts.createSourceFile(author, readFileSync(author, "utf8"), ts.ScriptTarget.ESNext);
  const exported = source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined)
      return ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map(({ name }) => name.text)
        : [];
    if (ts.isInterfaceDeclaration(statement) || ts.isFunctionDeclaration(statement))
      return [statement.name?.text ?? ""];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    return [];
  });
  expect(
    seen()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(exported.filter((name) => !compilersOwn.includes(name)).sort());
});

function seen(): { readonly name: string; readonly isFunction: boolean }[] {
  const found = authorDeclarations().matchAll(
    /^export (?:declare )?(type|interface|function) (\w+)/gm,
  );
  return [...found].map(([, kind, name = ""]) => ({ name, isFunction: kind === "function" }));
}

/** What is not the same, by the comment at the end of its line. */
function saidOf(view: string, lines: readonly string[]): string[] {
  const folder = temporary();
  writeFileSync(join(folder, "seen.d.ts"), view);
  const text = `import type * as real from ${JSON.stringify(author)};
import type * as seen from "./seen.d.ts";
// Without a name for the two halves: tsc compares what has one by its arguments, for which assignable is enough.
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
declare function same<A, B>(yes: Same<A, B>): void;
${lines.join("\n")}
`;
  writeFileSync(join(folder, "same.ts"), text);
  const settings = {
    compilerOptions: {
      target: "es2024",
      module: "nodenext",
      lib: ["esnext"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    },
    files: ["same.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const { stdout } = spawnSync(findTsc().executable, ["-p", folder, "--pretty", "false"], {
    encoding: "utf8",
  });
  const errors = stdout.split("\n").filter((line) => /\berror TS/.test(line));
  return errors.map((error) => {
    const [, line] = /same\.ts\((\d+),/.exec(error) ?? [];
    return text.split("\n")[Number(line) - 1]?.split("// ")[1] ?? error;
  });
}
