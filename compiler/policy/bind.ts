import { parseBytes, parseDuration } from "@millwright/schema";
import type { Type, Value } from "../cel/cel.ts";

/** A part of a definition or a plan as a value of its type. What was not written is not there. */
export function bind(value: unknown, type: Type): Value {
  switch (type.kind) {
    case "int":
      return BigInt(Math.trunc(intOf(value)));
    case "double":
      return typeof value === "number" ? value : impossible(value, type);
    case "bool":
      return value === true;
    case "string":
      return typeof value === "string" ? value : impossible(value, type);
    case "duration":
      return { kind: "duration", ns: BigInt(msOf(value)) * 1_000_000n };
    case "list":
      return Array.isArray(value)
        ? value.map((item) => bind(item, type.of))
        : impossible(value, type);
    case "map":
      return new Map(entriesOf(value).map(([key, item]) => [key, bind(item, type.of)]));
    case "object": {
      // A hub may be written as its address alone: the one field that it must have.
      if (typeof value === "string") {
        const [only] = [...type.fields].filter(([, { optional }]) => !optional);
        return only === undefined ? impossible(value, type) : new Map([[only[0], value]]);
      }
      const fields = new Map<Value, Value>();
      for (const [key, item] of entriesOf(value)) {
        const field = type.fields.get(key);
        if (field !== undefined && item !== undefined) fields.set(key, bind(item, field.type));
      }
      return fields;
    }
    default:
      return json(value);
  }
}

/** What has no type that we could tell: JSON, in which whole numbers are ints. */
function json(value: unknown): Value {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(json);
  if (typeof value !== "object" || value === null) return null;
  return new Map(Object.entries(value).map(([key, item]) => [key, json(item)]));
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function intOf(value: unknown): number {
  if (typeof value === "number") return value;
  return (typeof value === "string" ? parseBytes(value) : undefined) ?? Number.MAX_SAFE_INTEGER;
}

function msOf(value: unknown): number {
  return (typeof value === "string" ? parseDuration(value) : undefined) ?? Number.MAX_SAFE_INTEGER;
}

function impossible(value: unknown, { kind }: Type): never {
  throw new Error(`impossible: ${typeof value} has passed as ${kind}`);
}
