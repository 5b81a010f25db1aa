import type { AnswerSchema } from "../runner/runner.ts";
import { invalid, type Read, unsupported } from "./api-error.ts";

/** Schemas beyond these would keep an engine busy with the grammar alone. */
export const MAX_DEPTH = 32;
export const MAX_NODES = 1_000;
const MAX_VALUES = 1_000;
/** Of `minItems`, `maxLength` and the like: engines write a repetition out. */
const MAX_REPETITION = 256;

/** Words that say nothing of what a value may be. */
const annotations: ReadonlySet<string> = new Set(
  "title description default examples deprecated readOnly writeOnly $comment $schema $id".split(
    " ",
  ),
);
export const scalars: ReadonlySet<unknown> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
]);
/** Of texts. */
export const formats: ReadonlySet<unknown> = new Set(["date-time", "date", "time"]);

export type Fields = Readonly<Record<string, unknown>>;

/**
 * A JSON Schema in the keywords that engines keep to. `at` is where it stands in the request, `where` the field that
 * is too large when it is.
 * Every property is written, also one that is not required. A keyword that nobody would keep to is refused.
 */
export function readHeldSchema(schema: unknown, at: string, where: string): Read<AnswerSchema> {
  const defs = isFields(schema) && isFields(schema["$defs"]) ? schema["$defs"] : {};
  try {
    const reader: Reader = { where, names: new Set(Object.keys(defs)), nodes: 0 };
    const value = translated(reader, schema, at, 0);
    const known = Object.entries(defs).map(
      ([name, each]) => [name, translated(reader, each, `${at}.$defs.${name}`, 1)] as const,
    );
    return {
      ok: true,
      value: known.length === 0 ? value : { ...value, $defs: Object.fromEntries(known) },
    };
  } catch (error) {
    if (error instanceof Refused) return error.said;
    throw error;
  }
}

/** Carries an answer out of the depths of a schema. */
class Refused extends Error {
  readonly said: Extract<Read<never>, { ok: false }>;

  constructor(said: Extract<Read<never>, { ok: false }>) {
    super("refused");
    this.said = said;
  }
}

interface Reader {
  readonly where: string;
  /** Of `$defs`. */
  readonly names: ReadonlySet<string>;
  nodes: number;
}

function translated(reader: Reader, schema: unknown, at: string, depth: number): AnswerSchema {
  reader.nodes += 1;
  if (depth > MAX_DEPTH)
    throw new Refused(no(reader.where, `goes ${MAX_DEPTH} levels deep at most`));
  if (reader.nodes > MAX_NODES)
    throw new Refused(no(reader.where, `has ${MAX_NODES} parts at most`));
  if (!isFields(schema)) throw new Refused(no(at, "is an object with a type, an enum or a $ref"));
  const inner = (part: unknown, name: string) =>
    translated(reader, part, `${at}.${name}`, depth + 1);
  const list = (name: string) => {
    const parts = schema[name];
    if (!Array.isArray(parts) || parts.length === 0)
      throw new Refused(no(`${at}.${name}`, "is a list of schemas"));
    return parts.map((part: unknown, index) => inner(part, `${name}[${index}]`));
  };
  const only = (...known: readonly string[]) => {
    for (const name of Object.keys(schema))
      if (!known.includes(name) && !annotations.has(name) && !(depth === 0 && name === "$defs"))
        throw new Refused(cannot(`${at}.${name}`, name));
  };

  if ("$ref" in schema) {
    only("$ref");
    const [, name] = /^#\/\$defs\/([^/~%]+)$/.exec(String(schema["$ref"])) ?? [];
    if (name === undefined || !reader.names.has(name))
      throw new Refused(no(`${at}.$ref`, "is #/$defs/ and the name of one of the schema's $defs"));
    return { $ref: `#/$defs/${name}` };
  }
  const choice = ["anyOf", "oneOf"].find((name) => name in schema);
  if (choice !== undefined) {
    only(choice);
    return { oneOf: list(choice) };
  }
  if ("const" in schema || "enum" in schema) {
    only("const", "enum", "type");
    return { enum: values(schema, at) };
  }
  const { type } = schema;
  if (Array.isArray(type)) return union(reader, schema, type, at, depth);
  switch (type) {
    case "object": {
      only("type", "properties", "required", "additionalProperties");
      const { properties = {}, additionalProperties: more = false } = schema;
      if (!isFields(properties))
        throw new Refused(no(`${at}.properties`, "is an object of schemas"));
      const read = Object.entries(properties).map(
        ([name, part]) => [name, inner(part, `properties.${name}`)] as const,
      );
      for (const name of Array.isArray(schema["required"]) ? schema["required"] : [])
        if (!Object.hasOwn(properties, String(name)))
          throw new Refused(no(`${at}.required`, "names properties of the same object"));
      const rest = typeof more === "boolean" ? more : inner(more, "additionalProperties");
      return { type, properties: Object.fromEntries(read), additionalProperties: rest };
    }
    case "array": {
      only("type", "items", "prefixItems", "minItems", "maxItems");
      return {
        type,
        ...("items" in schema && { items: inner(schema["items"], "items") }),
        ...("prefixItems" in schema && { prefixItems: list("prefixItems") }),
        ...bounds(schema, at, "minItems", "maxItems"),
      };
    }
    case "string": {
      only("type", "minLength", "maxLength", "format");
      const { format } = schema;
      if (format === undefined) return { type, ...bounds(schema, at, "minLength", "maxLength") };
      only("type", "format");
      if (!formats.has(format))
        throw new Refused(cannot(`${at}.format`, `the format ${String(format).slice(0, 40)}`));
      return { type, format };
    }
    default:
      only("type");
      if (!scalars.has(type)) throw new Refused(no(`${at}.type`, "is a type of JSON Schema"));
      return { type };
  }
}

/** Several types: each with what else is said. */
function union(
  reader: Reader,
  schema: Fields,
  types: readonly unknown[],
  at: string,
  depth: number,
): AnswerSchema {
  if (types.length === 0 || types.length > 7)
    throw new Refused(no(`${at}.type`, "is a type, or some"));
  const { type: _, ...rest } = schema;
  return {
    oneOf: types.map((type) =>
      translated(reader, type === "null" ? { type } : { ...rest, type }, at, depth + 1),
    ),
  };
}

function values(schema: Fields, at: string): readonly unknown[] {
  const name = "const" in schema ? "const" : "enum";
  const found = name === "const" ? [schema[name]] : schema[name];
  if (!arePlain(found))
    throw new Refused(
      no(`${at}.${name}`, `has texts, numbers, booleans or null, ${MAX_VALUES} at most`),
    );
  return found;
}

/** Whether these can be the values of an `enum`. */
export function arePlain(values: unknown): values is readonly unknown[] {
  const isPlain = (value: unknown) =>
    value === null || ["string", "number", "boolean"].includes(typeof value);
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.length <= MAX_VALUES &&
    values.every(isPlain)
  );
}

function bounds(schema: Fields, at: string, ...names: readonly [string, string]): Fields {
  const read = names.flatMap((name) => {
    const value = schema[name];
    if (value === undefined) return [];
    if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MAX_REPETITION)
      throw new Refused(no(`${at}.${name}`, `is a whole number, ${MAX_REPETITION} at most`));
    return [[name, Number(value)] as const];
  });
  const [least = 0, most = MAX_REPETITION] = names.map(
    (name) => read.find(([found]) => found === name)?.[1],
  );
  if (least > most) throw new Refused(no(`${at}.${names[0]}`, `is not more than ${names[1]}`));
  return Object.fromEntries(read);
}

function no(param: string, is: string) {
  return { ok: false as const, error: invalid(param, `${param} ${is}.`) };
}

function cannot(param: string, what: string) {
  const message = `This server cannot hold an answer to ${what}. Leave it out, and check the answer.`;
  return { ok: false as const, error: unsupported(param, message) };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
