/**
 * A schema, made into a reader of values from outside.
 *
 * In: a TypeBox schema, then any value. Out: the value under its static type, or what is wrong with it.
 * Promise: `ownProperties` only, so nothing inherited can stand in for a field; nothing is coerced or filled in.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Static, TSchema } from "typebox";

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly ErrorObject[] };

/** Reads one kind of value. */
export type Reader<T> = (value: unknown) => Reading<T>;

// One of each for all schemas: making one takes longer than most schemas do.
const firstOnly = newAjv(false);
const allErrors = newAjv(true);

function newAjv(allErrors: boolean): Ajv {
  return new Ajv({
    ownProperties: true,
    // Author schemas carry `x-…` notes and union types, which strict mode refuses.
    strict: false,
    verbose: true,
    // The schemas are ours: proving each against its own schema takes longer than all that they will read.
    validateSchema: false,
    meta: false,
    // Tidier code is no faster, and takes longer to make.
    code: { optimize: false },
    allErrors,
  });
}

/** Compiles at the first reading: a process declares many readers and uses few. */
export function readerOf<S extends TSchema>(
  schema: S,
  options: { readonly allErrors?: boolean } = {},
): Reader<Static<S>> {
  let compiled: ValidateFunction<Static<S>> | undefined;
  return (value) => {
    compiled ??= (options.allErrors ? allErrors : firstOnly).compile<Static<S>>(schema);
    return compiled(value)
      ? { ok: true, value }
      : { ok: false, errors: [...(compiled.errors ?? [])] };
  };
}

/** The first error in words: `/deployments/triage/context must be >= 64`. */
export function firstError(errors: readonly ErrorObject[]): string {
  const [error] = errors;
  return error === undefined
    ? "invalid"
    : `${error.instancePath || "the value"} ${error.message ?? "is invalid"}`;
}
