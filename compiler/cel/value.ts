import { type Meter, spend } from "./meter.ts";

/** A value of CEL. Objects are maps from text. An int is a bigint, a double a number. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Duration
  | Timestamp
  | readonly Value[]
  | ReadonlyMap<Value, Value>;

export interface Duration {
  readonly kind: "duration";
  readonly ns: bigint;
}

/** Nanoseconds since 1970. */
export interface Timestamp {
  readonly kind: "timestamp";
  readonly ns: bigint;
}

export type ValueKind =
  | "null"
  | "bool"
  | "int"
  | "double"
  | "string"
  | "list"
  | "map"
  | "duration"
  | "timestamp";

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<Value, Value> {
  return value instanceof Map;
}

export function kindOfValue(value: Value): ValueKind {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      if (isList(value)) return "list";
      return isMap(value) ? "map" : value.kind;
  }
}

/** Equality as CEL has it: numbers by what they are worth, lists and maps by what they hold. */
export function equal(a: Value, b: Value, meter: Meter): boolean {
  spend(meter, 1);
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return a <= b && a >= b;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isList(a))
    return (
      isList(b) &&
      a.length === b.length &&
      a.every((item, index) => equal(item, b[index] ?? null, meter))
    );
  if (isMap(a)) {
    if (!isMap(b) || a.size !== b.size) return false;
    return [...a].every(([key, item]) => {
      const other = b.get(key);
      return other !== undefined && equal(item, other, meter);
    });
  }
  return !isList(b) && !isMap(b) && a.kind === b.kind && a.ns === b.ns;
}

export function isNumeric(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

/** What a key finds in a map: whole doubles find what ints do. */
export function at(map: ReadonlyMap<Value, Value>, key: Value): Value | undefined {
  return map.get(typeof key === "number" && Number.isInteger(key) ? BigInt(key) : key);
}
