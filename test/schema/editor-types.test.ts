/**
 * What authors see on hover is made of the schemas. `UPDATE_GOLDEN=1 npx vitest run test/schema/editor-types.test.ts`
 * writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import {
  type Adapter,
  type ApiKey,
  authorDeclarations,
  type Dataset,
  type Deployment,
  definitionSchemas,
  type Factory,
  type Fleet,
  type Host,
  kinds,
  type Model,
  type Route,
  type readerOf,
  type WrittenPolicy,
} from "@millwright/schema";
import { Project, type SourceFile, ts } from "ts-morph";
import { expect, test } from "vitest";
import { documentedTypes } from "../../schema/author/declarations.ts";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Plain<T> = T extends object ? { [P in keyof T]: Plain<T[P]> } : T;
type Schemas = typeof import("@millwright/schema");
/** True when what the schema means and what its documented type says are the same; otherwise `npm run types` fails. */
type Documents<
  K extends
    | "Fleet"
    | "Host"
    | "Model"
    | "Adapter"
    | "Dataset"
    | "Factory"
    | "ApiKey"
    | "Deployment"
    | "Route"
    | "Policy",
  T,
> = Same<Plain<Meant<Schemas[K]>>, Plain<T>>;
/** What a value is that a schema takes. */
type Meant<S extends Parameters<typeof readerOf>[0]> = Extract<
  ReturnType<ReturnType<typeof readerOf<S>>>,
  { ok: true }
>["value"];

const documented: {
  readonly Fleet: Documents<"Fleet", Fleet>;
  readonly Host: Documents<"Host", Host>;
  readonly Model: Documents<"Model", Model>;
  readonly Adapter: Documents<"Adapter", Adapter>;
  readonly Dataset: Documents<"Dataset", Dataset>;
  readonly Factory: Documents<"Factory", Factory>;
  readonly ApiKey: Documents<"ApiKey", ApiKey>;
  readonly Deployment: Documents<"Deployment", Deployment>;
  readonly Route: Documents<"Route", Route>;
  readonly Policy: Documents<"Policy", WrittenPolicy>;
} = {
  Fleet: true,
  Host: true,
  Model: true,
  Adapter: true,
  Dataset: true,
  Factory: true,
  ApiKey: true,
  Deployment: true,
  Route: true,
  Policy: true,
};

const author = join(import.meta.dirname, "../../schema/author");
const project = new Project({ useInMemoryFileSystem: true });
const declarations = project.createSourceFile("/schema.d.ts", authorDeclarations());

function sourceOf(name: string): SourceFile {
  return project.createSourceFile(`/${name}`, readFileSync(join(author, name), "utf8"));
}

test("every kind has a type of its own, which is the one that its schema means", () => {
  const types = kinds.map((kind) => kind.charAt(0).toUpperCase() + kind.slice(1));
  expect(Object.keys(documented)).toEqual(expect.arrayContaining(types));
});

test("the documented types are made of the schemas as they are now", () => {
  const path = join(author, "documented.ts");
  const made = `${documentedTypes(definitionSchemas)}\n`;
  if (env["UPDATE_GOLDEN"] !== undefined) writeFileSync(path, made);
  expect(readFileSync(path, "utf8")).toBe(made);
});

test("every field of every type is documented, wherever it stands", () => {
  const source = sourceOf("documented.ts");
  const fields = source.getDescendantsOfKind(ts.SyntaxKind.PropertySignature);
  expect(fields.length).toBeGreaterThan(50);
  const silent = fields.filter(
    (field) => (field.getJsDocs()[0]?.getDescription() ?? "").length < 5,
  );
  expect(silent.map((field) => field.getText())).toEqual([]);
});

test("the declaration file has no error, and needs nothing else", () => {
  const errors = project.getProgram().getSemanticDiagnostics(declarations);
  expect(errors.map((error) => error.getMessageText())).toEqual([]);
  expect(declarations.getImportDeclarations()).toEqual([]);
});

test("an author function says in both places what its schema says", () => {
  for (const kind of kinds) {
    const said = [sourceOf(`${kind}.ts`), declarations].map((file) =>
      file.getFunctionOrThrow(kind).getJsDocs()[0]?.getDescription().trim(),
    );
    const { description } = definitionSchemas[kind] as { readonly description?: string };
    expect(said).toEqual([description, description]);
  }
});

test("what definitions have in common, and the helpers, are declared word for word as they are", () => {
  const field = sourceOf("field.ts");
  for (const name of ["Reference", "Authored", "Fields", "Written"])
    expect(declarations.getTypeAliasOrThrow(name).getFullText().trim()).toBe(
      field.getTypeAliasOrThrow(name).getFullText().trim(),
    );
  expect(declarations.getInterfaceOrThrow("Defined").getText()).toBe(
    field.getInterfaceOrThrow("Defined").getText(),
  );
  const helper = sourceOf("helper.ts");
  const signature = (file: SourceFile, name: string) => {
    const found = file.getFunctionOrThrow(name);
    const { parameters = [] } = found.getStructure() as {
      parameters?: { name: string; type?: unknown }[];
    };
    const docs = found.getJsDocs().map((doc) => doc.getText());
    return { docs, returns: found.getReturnTypeNode()?.getText(), parameters };
  };
  const helpers = helper.getFunctions().map((each) => each.getName() ?? "");
  expect(helpers).toEqual(["range", "gib", "days"]);
  for (const name of helpers)
    expect(signature(declarations, name)).toEqual(signature(helper, name));
});
