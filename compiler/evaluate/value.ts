import type { Span } from "../diagnostic/diagnostic.ts";

/**
 * What an expression comes to. Never changed once made, and passed on by reference, so that
 * a value is identical to itself exactly where JavaScript says so, and keeps the span that made it.
 */
export type Value = Scalar | List | Fields | Callable | Failed;

export type Primitive = string | number | boolean | null | undefined;

export interface Scalar {
  readonly kind: "scalar";
  readonly value: Primitive;
  readonly at: Span;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Value[];
  readonly at: Span;
}

/** An object. Keys in JavaScript's order: integers first, rising; then as written. */
export interface Fields {
  readonly kind: "fields";
  readonly fields: ReadonlyMap<string, Field>;
  readonly at: Span;
  /** Made by an author function: this is a definition. */
  readonly definition: boolean;
}

export interface Field {
  /** Where the key was written. */
  readonly key: Span;
  readonly value: Value;
}

export interface Callable {
  readonly kind: "callable";
  readonly call: (args: readonly Value[], at: Span) => Value;
  readonly at: Span;
}

/** No value: what is wrong has been reported where it went wrong, and nothing that follows from it is. */
export interface Failed {
  readonly kind: "failed";
}

export const failed: Failed = { kind: "failed" };

export function scalar(value: Primitive, at: Span): Scalar {
  return { kind: "scalar", value, at };
}

/** An object from its fields in the order of writing; a later key replaces an earlier one in its place. */
export function fieldsOf(
  entries: Iterable<readonly [string, Field]>,
  at: Span,
  definition = false,
): Fields {
  const written = new Map(entries);
  const integers = [...written.keys()].filter(isIndex);
  if (integers.length === 0) return { kind: "fields", fields: written, at, definition };
  const ordered = new Map<string, Field>();
  const take = (key: string) => {
    const field = written.get(key);
    if (field !== undefined) ordered.set(key, field);
  };
  for (const key of integers.sort((a, b) => Number(a) - Number(b))) take(key);
  for (const key of written.keys()) if (!isIndex(key)) take(key);
  return { kind: "fields", fields: ordered, at, definition };
}

/** ECMA-262, "array index": an integer from 0 to 2^32 - 2 in its shortest spelling. */
function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;
}

/** For equality: primitives by value, everything else by identity. */
export function bareOf(value: Value): unknown {
  return value.kind === "scalar" ? value.value : value;
}

/** As JavaScript sees it: truthy or not. A failed value counts as not; callers look for it first. */
export function isTruthy(value: Value): boolean {
  return value.kind === "scalar" ? Boolean(value.value) : value.kind !== "failed";
}

export function isNullish(value: Value): boolean {
  return value.kind === "scalar" && (value.value === null || value.value === undefined);
}

/** The plain JavaScript value, functions left out of objects. Only for values without `failed` in them. */
export function plainOf(value: Value): unknown {
  switch (value.kind) {
    case "scalar":
      return value.value;
    case "list":
      return value.items.map(plainOf);
    case "fields": {
      const plain: Record<string, unknown> = {};
      for (const [key, field] of value.fields)
        if (field.value.kind !== "callable") plain[key] = plainOf(field.value);
      return plain;
    }
    case "callable":
    case "failed":
      return undefined;
  }
}
