/** The part of JSON Schema that definitions and plans are written in. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly "x-unit"?: string;
}

/** The type of what a schema takes. Memory is an int of bytes and a duration a duration, however they were written. */
export function typeOfSchema(shape: Shape, name: string): Type {
  if (shape["x-unit"] === "bytes") return int;
  if (shape["x-unit"] === "duration") return duration;
  const texts = shape.enum ?? (shape.const === undefined ? undefined : [shape.const]);
  if (texts?.every((each) => typeof each === "string"))
    return { kind: "string", oneOf: texts, closed: true };
  const { properties, patternProperties = {}, items } = shape;
  if (properties !== undefined) return objectOf(name, properties, shape.required ?? []);
  const [values] = Object.values(patternProperties);
  if (values !== undefined) return mapOf(string, typeOfSchema(values, name));
  if (items !== undefined) return listOf(typeOfSchema(items, name));
  switch (shape.type) {
    case "string":
      return string;
    case "integer":
      return int;
    case "number":
      return double;
    case "boolean":
      return bool;
    default:
      return any;
  }
}

function objectOf(
  name: string,
  properties: Readonly<Record<string, Shape>>,
  required: readonly string[],
): Type {
  const fields = Object.entries(properties).map(([key, shape]): [string, Field] => [
    key,
    { type: typeOfSchema(shape, `${name}.${key}`), optional: !required.includes(key) },
  ]);
  return { kind: "object", name, fields: new Map(fields) };
}

import {
  any,
  bool,
  double,
  duration,
  type Field,
  int,
  listOf,
  mapOf,
  string,
  type Type,
} from "../cel/cel.ts";
