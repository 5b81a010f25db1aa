import type { Activation, Value } from "./value.ts";

/** The names that an expression can see. A name that is declared but has no value yet is `undefined` in the map. */
export interface Scope {
  readonly names: Map<string, Value | undefined>;
  readonly parent: Scope | undefined;
  /** The call that it belongs to: its names may be given other values while that runs. */
  readonly call: Activation | undefined;
  /** Those of its names that may: `let`s and parameters. */
  assignable: Set<string> | undefined;
}

export function inside(parent: Scope | undefined, call = parent?.call): Scope {
  return { names: new Map(), parent, call, assignable: undefined };
}

/** The value; "undeclared" when no scope knows the name; "too early" when its declaration has not run. */
export function lookUp(scope: Scope, name: string): Value | "undeclared" | "too early" {
  const found = declaring(scope, name);
  return found === undefined ? "undeclared" : (found.names.get(name) ?? "too early");
}

/** The scope that declares a name. */
export function declaring(scope: Scope, name: string): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (at.names.has(name)) return at;
  return undefined;
}

/** Declares a name that may be given other values while its call runs: a `let`, a parameter. */
export function declareAssignable(scope: Scope, name: string): void {
  scope.names.set(name, undefined);
  scope.assignable ??= new Set();
  scope.assignable.add(name);
}
