import type { Span } from "../diagnostic/diagnostic.ts";

/**
 * What an expression comes to. Passed on by reference, so that a value is identical to itself exactly where
 * JavaScript says so, and keeps the span that made it. Lists and objects change only while the call that made
 * them runs (see `owner`); after that they never do.
 */
export type Value = Scalar | List | Fields | Callable | Failed;

export type Primitive = string | number | boolean | null | undefined;

export interface Scalar extends Traced {
  readonly kind: "scalar";
  readonly value: Primitive;
  readonly at: Span;
}

export interface List extends Owned {
  readonly kind: "list";
  readonly items: Value[];
  readonly at: Span;
  /** Where each element was written, for a list that was written out: as many as there are elements, or of no use. */
  readonly places?: readonly Span[];
  /** How many methods and loops are going through it right now: while one does, it does not change. */
  busy?: number;
}

/** One call of a function, or one statement of a file. What it makes may be changed while it runs, so nobody else sees a change. */
export interface Activation {
  running: boolean;
}

interface Owned extends Traced {
  /** Absent: it never changes. */
  readonly owner?: Activation | undefined;
}

/** Only while `explain` asks (see trace.ts): through what a value came here. */
export interface Traced {
  readonly via?: Via;
  /** The value that this is a copy of, made to carry `via`. */
  readonly same?: Value;
}

/** One step of a value's way. */
export interface Via {
  readonly what: string;
  readonly at: Span;
  /** The step before; absent where the value was made. */
  readonly before: Via | undefined;
  /** What it was computed from. */
  readonly from?: readonly Value[];
}

/** An object. Keys in JavaScript's order: integers first, rising; then as written. */
export interface Fields extends Owned {
  readonly kind: "fields";
  /** Changed by `setField` alone. */
  readonly fields: ReadonlyMap<string, Field>;
  readonly at: Span;
  /** Made by an author function: this is a definition. */
  readonly definition: boolean;
}

export interface Field {
  /** Where the key was written. */
  readonly key: Span;
  readonly value: Value;
  /** Where the value was put here; `value.at` tells where it was made. */
  readonly place?: Span;
  /** The spread that brought it, while `explain` asks. */
  readonly via?: Via;
}

export interface Callable extends Traced {
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
  {
    definition = false,
    owner,
  }: { readonly definition?: boolean; readonly owner?: Activation | undefined } = {},
): Fields {
  return { kind: "fields", fields: inOrder(new Map(entries)), at, definition, owner };
}

/** Gives a field a value, as assignment does. Only for an object whose owner runs. */
export function setField({ fields }: Fields, name: string, field: Field): void {
  const map = fields as Map<string, Field>;
  const isNew = !map.has(name);
  map.set(name, field);
  if (!isNew || !isIndex(name)) return;
  const ordered = inOrder(map);
  if (ordered === map) return;
  const entries = [...ordered];
  map.clear();
  for (const [key, each] of entries) map.set(key, each);
}

function inOrder(written: Map<string, Field>): Map<string, Field> {
  const integers: string[] = [];
  for (const key of written.keys()) if (isIndex(key)) integers.push(key);
  if (integers.length === 0) return written;
  const ordered = new Map<string, Field>();
  const take = (key: string) => {
    const field = written.get(key);
    if (field !== undefined) ordered.set(key, field);
  };
  for (const key of integers.sort((a, b) => Number(a) - Number(b))) take(key);
  for (const key of written.keys()) if (!ordered.has(key)) take(key);
  return ordered;
}

/** ECMA-262, "array index": an integer from 0 to 2^32 - 2 in its shortest spelling. */
function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  // Most keys are names: the pattern is asked only for what begins with a digit.
  return first >= 48 && first <= 57 && /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;
}

/** For equality: primitives by value, everything else by identity. */
export function bareOf(value: Value): unknown {
  if (value.kind === "scalar") return value.value;
  return value.kind === "failed" ? value : (value.same ?? value);
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
