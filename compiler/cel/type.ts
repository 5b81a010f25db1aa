/** What an expression can be. */
export type Type =
  | { readonly kind: "bool" | "int" | "double" | "null" | "duration" | "timestamp" | "any" }
  /** `oneOf`: the only texts that it can be; `closed`, when a schema says so and no literal. */
  | { readonly kind: "string"; readonly oneOf?: readonly string[]; readonly closed?: boolean }
  | { readonly kind: "list"; readonly of: Type }
  | { readonly kind: "map"; readonly key: Type; readonly of: Type }
  | ObjectType;

/** Fields by name. `nullable`: there may be none at all. */
export interface ObjectType {
  readonly kind: "object";
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly nullable?: boolean;
}

export interface Field {
  readonly type: Type;
  readonly optional: boolean;
}

export const any: Type = { kind: "any" };
export const bool: Type = { kind: "bool" };
export const int: Type = { kind: "int" };
export const double: Type = { kind: "double" };
export const string: Type = { kind: "string" };
export const duration: Type = { kind: "duration" };
export const timestamp: Type = { kind: "timestamp" };

export const listOf = (of: Type): Type => ({ kind: "list", of });
export const mapOf = (key: Type, of: Type): Type => ({ kind: "map", key, of });

/** As an author reads it. */
export function showType(type: Type): string {
  switch (type.kind) {
    case "list":
      return `list(${showType(type.of)})`;
    case "map":
      return `map(${showType(type.key)}, ${showType(type.of)})`;
    case "object":
      return type.name;
    default:
      return type.kind;
  }
}

/** Whether values of both types could be equal. */
export function meets(a: Type, b: Type): boolean {
  if (a.kind === "any" || b.kind === "any") return true;
  if (a.kind === "null" || b.kind === "null")
    return (
      a.kind === b.kind ||
      (a.kind === "object" && a.nullable === true) ||
      (b.kind === "object" && b.nullable === true)
    );
  if (a.kind === "list" && b.kind === "list") return meets(a.of, b.of);
  if (a.kind === "map" && b.kind === "map") return meets(a.key, b.key) && meets(a.of, b.of);
  if (a.kind === "object" && b.kind === "object") return a.name === b.name;
  return a.kind === b.kind || (isNumber(a) && isNumber(b));
}

export const isNumber = ({ kind }: Type): boolean => kind === "int" || kind === "double";

/** A type for values of both: of lists of items, of the two sides of a choice. */
export function join(a: Type, b: Type): Type {
  if (a.kind === "string" && b.kind === "string") {
    const both = a.oneOf && b.oneOf && [...new Set([...a.oneOf, ...b.oneOf])];
    if (both === undefined) return string;
    return { kind: "string", oneOf: both, closed: a.closed === true && b.closed === true };
  }
  if (a.kind === "list" && b.kind === "list") return listOf(join(a.of, b.of));
  if (a.kind === "map" && b.kind === "map") return mapOf(join(a.key, b.key), join(a.of, b.of));
  if (a.kind === "object" && b.kind === "object" && a.name === b.name)
    return { ...a, nullable: a.nullable === true || b.nullable === true };
  return a.kind === b.kind ? a : any;
}
