import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kind, kinds } from "@millwright/schema";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateFile } from "../../compiler/evaluate/evaluate.ts";
import { readFolder } from "../../compiler/source/source.ts";
import { millwright, temporary } from "./cli-kit.ts";

/** The part of JSON Schema that our schemas are written in. */
interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly patternErrorMessage?: string;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly { readonly then: Schema }[];
  readonly defaultSnippets?: readonly { readonly label: string; readonly body: unknown }[];
}

let schemas: ReadonlyMap<string, Schema> = new Map();
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "millwright-schemas-"));
  expect((await millwright(folder, "schema", "-o", ".")).code).toBe(0);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  schemas = new Map(names.map((name) => [name, readSchema(join(folder, name))]));
  rmSync(folder, { recursive: true });
});

function readSchema(path: string): Schema {
  return JSON.parse(readFileSync(path, "utf8"));
}

function schemaOf(name: Kind | "definition"): Schema {
  const schema = schemas.get(`${name}.schema.json`);
  if (schema === undefined) throw new Error(`no schema was written for ${name}`);
  return schema;
}

/** Every schema inside a schema, by its path. */
function parts(schema: Schema, path: string): readonly (readonly [string, Schema])[] {
  const inside = [
    ...Object.entries(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}).map((each) => ["*", each] as const),
    ...(schema.items === undefined ? [] : [["[]", schema.items] as const]),
  ];
  return [[path, schema], ...inside.flatMap(([name, inner]) => parts(inner, `${path}/${name}`))];
}

const ajv = (): Ajv => new Ajv({ strict: false, allErrors: true });

describe("what editors are given for YAML", () => {
  test.each(kinds)(
    "%s: every part says what it is for, and what is not obvious shows how",
    async (kind) => {
      const all = parts(schemaOf(kind), kind);
      expect(all.length).toBeGreaterThan(5);
      for (const [path, { type, properties, pattern, patternErrorMessage, ...part }] of all) {
        expect(part.description, path).toMatch(/^\S.{3,}\.$/s);
        expect(part.markdownDescription, path).toContain(part.description);
        if (type === "object" && properties !== undefined)
          expect(part.additionalProperties, path).toBe(false);
        if (pattern !== undefined) expect(patternErrorMessage, path).toMatch(/^\S.{3,}\.$/s);
        // The form of a duration, an amount, a source: shown, not only described.
        if (
          pattern !== undefined &&
          !pattern.startsWith("^[a-z0-9]") &&
          !/\/(key|\[\])$/.test(path)
        )
          expect(part.examples, path).not.toBeUndefined();
      }
    },
  );

  test.each(kinds)("%s: names itself, and its examples are what it takes", async (kind) => {
    const schema = schemaOf(kind);
    expect(schema).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: `urn:millwright:schema:${kind}`,
      title: kind,
      additionalProperties: false,
    });
    expect(schema.examples?.length).toBeGreaterThan(0);
    for (const [path, part] of parts(schema, kind))
      for (const example of part.examples ?? []) {
        const validate = ajv().compile(part);
        expect([path, example, validate(example), validate.errors]).toEqual([
          path,
          example,
          true,
          null,
        ]);
      }
    // A whole definition, not the least of it: every field is shown.
    const shown = new Set(schema.examples?.flatMap((example) => Object.keys(Object(example))));
    expect([...shown].sort()).toEqual(Object.keys(schema.properties ?? {}).sort());
  });

  test("each is a schema by the rules of its dialect", async () => {
    for (const [name, schema] of schemas) {
      const checker = ajv();
      expect([name, checker.validateSchema(schema), checker.errors]).toEqual([name, true, null]);
    }
  });

  test("the one for any definition takes each kind, and speaks of no other", async () => {
    const validate = ajv().compile(schemaOf("definition"));
    for (const kind of kinds)
      for (const example of schemaOf(kind).examples ?? []) {
        expect([example, validate(example), validate.errors]).toEqual([example, true, null]);
        expect(validate({ ...Object(example), surprise: 1 })).toBe(false);
        const said = validate.errors?.filter(({ keyword }) => keyword !== "if");
        expect(said).toMatchObject([
          { keyword: "additionalProperties", params: { additionalProperty: "surprise" } },
        ]);
      }
    expect(validate({ kind: "hots", name: "a" })).toBe(false);
    expect(validate.errors).toMatchObject([{ instancePath: "/kind", keyword: "enum" }]);
    expect(validate({ name: "a" })).toBe(false);
    expect(validate.errors).toMatchObject([{ params: { missingProperty: "kind" } }]);
  });

  test("an empty file is offered a whole definition of each kind", async () => {
    const { defaultSnippets = [] } = schemaOf("definition");
    expect(defaultSnippets.map(({ label }) => label)).toEqual(kinds);
    // Editors write them without quotes.
    const plain = defaultSnippets.flatMap(({ body }) => Object.values(Object(body)));
    for (const text of JSON.stringify(plain).match(/"[^"]*"/g) ?? [])
      expect(text).not.toMatch(/: | #/);
  });

  test("the example's YAML, and its schemas, are those of this version", async () => {
    const factories = join(import.meta.dirname, "../../factories");
    for (const [name, schema] of schemas)
      expect(readSchema(join(factories, "schemas", name))).toEqual(schema);
    const { out } = await millwright(temporary(), "schema", "--types");
    expect(readFileSync(join(factories, "schemas/schema.d.ts"), "utf8")).toBe(out);
    const validate = ajv().compile(schemaOf("definition"));
    const evaluated = evaluateFile(
      await readFolder(join(factories, ".."), new AbortController().signal),
      "factories/reporting.yaml",
    );
    const { documents } = evaluated.ok ? evaluated.value : { documents: evaluated.problems };
    expect(documents).toHaveLength(2);
    expect(documents).toSatisfy((all: readonly unknown[]) => all.every((each) => validate(each)));
  });
});

describe("schema", () => {
  test("writes over what another version left, and over nothing else", async () => {
    const folder = temporary();
    mkdirSync(join(folder, "factories/schemas"), { recursive: true });
    writeFileSync(join(folder, "factories/schemas/host.schema.json"), "{}");
    writeFileSync(join(folder, "factories/schemas/mine.txt"), "mine");
    expect((await millwright(folder, "schema")).code).toBe(0);
    expect(readSchema(join(folder, "factories/schemas/host.schema.json")).title).toBe("host");
    expect(readFileSync(join(folder, "factories/schemas/mine.txt"), "utf8")).toBe("mine");
  });

  test("writes through no link that a repository holds", async () => {
    const folder = temporary();
    const outside = join(temporary(), "victim");
    writeFileSync(outside, "precious");
    mkdirSync(join(folder, "factories/schemas"), { recursive: true });
    symlinkSync(outside, join(folder, "factories/schemas/schema.d.ts"));
    expect((await millwright(folder, "schema")).code).toBe(0);
    expect(readFileSync(outside, "utf8")).toBe("precious");

    const other = temporary();
    symlinkSync(temporary(), join(other, "factories"));
    const { code, err } = await millwright(other, "schema");
    expect(code).toBe(3);
    expect(err).toContain("error[cli/link]: ");
    expect(readdirSync(join(other, "factories"))).toEqual([]);
  });
});
