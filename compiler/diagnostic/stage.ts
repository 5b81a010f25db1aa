import type { Code } from "./catalog.ts";
import type { Span } from "./span.ts";

/** What an author did wrong, or should know: a value that is collected, never thrown. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: "error" | "warning";
  /** A fact with numbers. */
  readonly message: string;
  /** Nothing to point at: the whole repository is meant. */
  readonly at: Span | undefined;
  /** What to do about it. */
  readonly cure?: string;
  /** The other places that matter: the first of two duplicates, the other end of a conflict. */
  readonly also?: readonly { readonly message: string; readonly at: Span }[];
}

/** What a stage gives: its value, or why there is none. The type of the value is the permit for the next stage. */
export type Stage<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly problems: readonly Diagnostic[] };

export function passed<T>(value: T, warnings: readonly Diagnostic[] = []): Stage<T> {
  return { ok: true, value, warnings };
}

export function refused<T>(problems: readonly Diagnostic[]): Stage<T> {
  return { ok: false, problems };
}

/** `value` unless one of `found` is an error. */
export function stageOf<T>(value: T, found: readonly Diagnostic[]): Stage<T> {
  return found.some(({ severity }) => severity === "error") ? refused(found) : passed(value, found);
}

/** The next stage, fed with the value of this one; warnings add up. */
export function andThen<T, U>(stage: Stage<T>, next: (value: T) => Stage<U>): Stage<U> {
  if (!stage.ok) return stage;
  const after = next(stage.value);
  return after.ok
    ? passed(after.value, [...stage.warnings, ...after.warnings])
    : refused([...stage.warnings, ...after.problems]);
}
