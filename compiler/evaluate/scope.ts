import type { Value } from "./value.ts";

/** The names that an expression can see. A name that is declared but has no value yet is `undefined` in the map. */
export interface Scope {
  readonly names: Map<string, Value | undefined>;
  readonly parent: Scope | undefined;
}

export function inside(parent: Scope | undefined): Scope {
  return { names: new Map(), parent };
}

/** The value; "undeclared" when no scope knows the name; "too early" when its declaration has not run. */
export function lookUp(scope: Scope, name: string): Value | "undeclared" | "too early" {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.names.has(name)) return at.names.get(name) ?? "too early";
  }
  return "undeclared";
}
