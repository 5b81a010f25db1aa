import {
  type Described,
  definitionSchemas,
  docOf,
  type Kind,
  kinds,
  NAME_PATTERN,
} from "@millwright/schema";

/** The one that the language servers of YAML and JSON know best. */
const dialect = "http://json-schema.org/draft-07/schema#";

/** The JSON Schemas for editors, by the name of their file: one a kind, and one for any definition. */
export function jsonSchemas(): ReadonlyMap<string, object> {
  const each = kinds.map((kind) => [`${kind}.schema.json`, kindSchema(kind)] as const);
  return new Map([...each, ["definition.schema.json", definitionSchema()]]);
}

function kindSchema(kind: Kind): object {
  return { $schema: dialect, $id: idOf(kind), title: kind, ...documented(definitionSchemas[kind]) };
}

/** Chosen by `kind`, so that an editor speaks of that kind's fields alone. */
export function definitionSchema(): object {
  const each = kinds.map((kind) => ({
    if: { properties: { kind: { const: kind } }, required: ["kind"] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
    then: { title: kind, ...documented(definitionSchemas[kind]) },
  }));
  return {
    $schema: dialect,
    $id: idOf("definition"),
    title: "definition",
    description: "A definition of Millwright. Its kind says which fields it takes.",
    type: "object",
    required: ["kind"],
    properties: {
      kind: { enum: kinds, description: "What is defined: the other fields follow from it." },
    },
    defaultSnippets: kinds.flatMap((kind) =>
      examplesOf(definitionSchemas[kind]).map((body) => ({ label: kind, body })),
    ),
    examples: kinds.flatMap((kind) => examplesOf(definitionSchemas[kind])),
    allOf: each,
  };
}

/** No address: nobody is to fetch it. */
function idOf(name: string): string {
  return `urn:millwright:schema:${name}`;
}

/** The same schema, in which editors find what they show: how to write a field, not only what it is for. */
function documented(schema: object): object {
  const inner = Object.entries(schema).map(([key, value]) => {
    // An example is data, whatever its fields are called.
    const isPart = key !== "examples" && typeof value === "object" && !Array.isArray(value);
    return [key, isPart ? documented(value) : value] as const;
  });
  return Object.fromEntries([...inner, ...saidOf(schema)]);
}

/** Keywords of editors alone: to others they are notes. */
function saidOf(schema: Described & { readonly pattern?: unknown }): readonly [string, string][] {
  if (schema.description === undefined) return [];
  const doc = docOf(schema, "yaml");
  if (typeof schema.pattern !== "string") return [["markdownDescription", doc]];
  const form =
    schema.pattern === NAME_PATTERN
      ? "A name is made of the letters a-z, digits and hyphens, 63 at most."
      : doc.slice(doc.lastIndexOf("\n") + 1);
  return [
    ["markdownDescription", doc],
    ["patternErrorMessage", form],
  ];
}

function examplesOf(schema: { readonly examples?: unknown }): readonly unknown[] {
  return Array.isArray(schema.examples) ? schema.examples : [];
}
