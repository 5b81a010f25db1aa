/**
 * The kinds of field that definitions are made of. Each carries its JSON Schema, its static type,
 * and the notes (`x-…`) by which the compiler resolves references and units.
 */
import Type, { type TSchema, type TSchemaOptions, type TUnsafe } from "typebox";
import {
  BYTES_PATTERN,
  DURATION_PATTERN,
  NAME_PATTERN,
  PUBLIC_KEY_PATTERN,
} from "../value/value.ts";

export const kinds = ["fleet", "host", "model", "adapter", "dataset", "factory", "policy"] as const;
export type Kind = (typeof kinds)[number];

/** The name of another definition. Any string is accepted by the type; the compiler looks it up. */
export type Reference<K extends Kind> = string & { readonly "x-refers-to"?: K };

/** A definition as its author function returns it: enough to refer to it. */
export interface Defined<K extends Kind> {
  readonly kind: K;
  readonly name: string;
}

/** What an author may write: wherever a name is wanted, the definition itself will do. */
export type Authored<T> = T extends string
  ? "x-refers-to" extends keyof T
    ? T extends Reference<infer K>
      ? string | Defined<K>
      : T
    : T
  : T extends readonly (infer Item)[]
    ? readonly Authored<Item>[]
    : T extends object
      ? { readonly [P in keyof T]: Authored<T[P]> }
      : T;

/** What an author function takes: everything but the kind. */
export type Fields<T> = Authored<Omit<T, "kind">>;

/** What an author function gives back: what it took, and the kind. */
export type Written<K extends Kind, T> = Fields<T> & { readonly kind: K };

/** What a definition says that it is. In TypeScript the author function says it. */
export function kindOf<K extends Kind>(kind: K) {
  return Type.Literal(kind, {
    description: "What is defined. In TypeScript the function says it.",
  });
}

/** A reference by name; in TypeScript the definition itself may stand here. */
export function refersTo<K extends Kind>(kind: K, description: string): TUnsafe<Reference<K>> {
  return Type.Unsafe<Reference<K>>({
    type: "string",
    minLength: 1,
    "x-refers-to": kind,
    description,
  });
}

export function name(description: string) {
  return Type.String({ pattern: NAME_PATTERN, maxLength: 63, description });
}

/** Bytes: an integer, or a text such as `141GiB`. */
export function bytes(description: string): TUnsafe<number | string> {
  return Type.Unsafe<number | string>({
    type: ["integer", "string"],
    pattern: BYTES_PATTERN,
    minimum: 1,
    "x-unit": "bytes",
    description,
    examples: ["141GiB", "500MB"],
  });
}

/** A duration such as `10s` or `90d`. */
export function duration(description: string) {
  return Type.String({
    pattern: DURATION_PATTERN,
    "x-unit": "duration",
    description,
    examples: ["10s", "90d"],
  });
}

export function publicKey(description: string) {
  return Type.String({ pattern: PUBLIC_KEY_PATTERN, description });
}

/** An object that takes no other fields: a misspelt field is an error, not silence. */
export function strict<P extends Parameters<typeof Type.Object>[0]>(
  fields: P,
  options: TSchemaOptions = {},
) {
  return Type.Object(fields, { ...options, additionalProperties: false });
}

/** An object keyed by names; any other key is an error. */
export function named<S extends TSchema>(schema: S, description: string) {
  return Type.Record(Type.String({ pattern: NAME_PATTERN }), schema, {
    additionalProperties: false,
    propertyNames: { maxLength: 63 },
    description,
  });
}
