import type { AnswerSchema } from "../runner/runner.ts";
import {
  arePlain,
  type Fields,
  formats,
  isFields,
  MAX_DEPTH,
  MAX_NODES,
  scalars,
} from "./held-schema.ts";

/** Of `minItems`, `maxLength` and the like: engines write a repetition out, and here nobody insists. */
const MAX_REPETITION = 32;

/** Whatever is an object. */
export const anyObject: AnswerSchema = { type: "object", additionalProperties: true };
const anything: AnswerSchema = {
  oneOf: [
    { type: "string" },
    { type: "number" },
    { type: "boolean" },
    { type: "null" },
    anyObject,
    { type: "array" },
  ],
};

/**
 * What engines keep to of the parameters of a function, for which nobody asked to have all of it kept: keywords that
 * they do not keep to are left out, and what cannot be understood may be anything. What the function does not require
 * may be missing; only what it declares is there.
 */
export function looseSchema(parameters: unknown): AnswerSchema {
  if (!isFields(parameters)) return anyObject;
  const defs = isFields(parameters["$defs"]) ? parameters["$defs"] : {};
  const reader: Reader = { names: new Set(Object.keys(defs)), nodes: 0 };
  const read = loose(reader, parameters, 0);
  if (read["type"] !== "object" || !isFields(read["properties"])) return anyObject;
  const { properties } = read;
  const { required } = parameters;
  const needed = Array.isArray(required) ? required : [];
  const known = Object.entries(defs).map(([name, part]) => [name, loose(reader, part, 1)] as const);
  return {
    ...read,
    required: needed.filter((name) => Object.hasOwn(properties, String(name))),
    ...(known.length > 0 && { $defs: Object.fromEntries(known) }),
  };
}

interface Reader {
  /** Of `$defs`. */
  readonly names: ReadonlySet<string>;
  nodes: number;
}

function loose(reader: Reader, schema: unknown, depth: number): AnswerSchema {
  reader.nodes += 1;
  if (depth > MAX_DEPTH || reader.nodes > MAX_NODES || !isFields(schema)) return anything;
  const inner = (part: unknown) => loose(reader, part, depth + 1);
  if ("$ref" in schema) {
    const [, name] = /^#\/\$defs\/([^/~%]+)$/.exec(String(schema["$ref"])) ?? [];
    return name !== undefined && reader.names.has(name) ? { $ref: `#/$defs/${name}` } : anything;
  }
  const choice = schema["anyOf"] ?? schema["oneOf"];
  if (choice !== undefined)
    return Array.isArray(choice) && choice.length > 0 ? { oneOf: choice.map(inner) } : anything;
  if ("const" in schema || "enum" in schema) {
    const values = "const" in schema ? [schema["const"]] : schema["enum"];
    return arePlain(values) ? { enum: values } : anything;
  }
  const type = schema["type"] ?? guessed(schema);
  if (Array.isArray(type)) {
    if (type.length === 0 || type.length > 7) return anything;
    return { oneOf: type.map((each: unknown) => inner({ ...schema, type: each })) };
  }
  switch (type) {
    case "object": {
      const { properties } = schema;
      if (!isFields(properties) || Object.keys(properties).length === 0)
        return {
          type,
          properties: {},
          additionalProperties: schema["additionalProperties"] !== false,
        };
      const read = Object.entries(properties).map(([name, part]) => [name, inner(part)] as const);
      return { type, properties: Object.fromEntries(read), additionalProperties: false };
    }
    case "array":
      return {
        type,
        ...("items" in schema && { items: inner(schema["items"]) }),
        ...bounds(schema, "minItems", "maxItems"),
      };
    case "string":
      return formats.has(schema["format"])
        ? { type, format: schema["format"] }
        : { type, ...bounds(schema, "minLength", "maxLength") };
    default:
      return scalars.has(type) ? { type } : anything;
  }
}

function guessed(schema: Fields): string | undefined {
  if ("properties" in schema) return "object";
  return "items" in schema ? "array" : undefined;
}

function bounds(schema: Fields, least: string, most: string): Fields {
  const usable = (value: unknown): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_REPETITION;
  const { [least]: low, [most]: high } = schema;
  if (usable(low) && usable(high) && low > high) return {};
  return { ...(usable(low) && { [least]: low }), ...(usable(high) && { [most]: high }) };
}
