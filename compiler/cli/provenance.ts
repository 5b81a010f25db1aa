import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";

/** One thing that made a value. */
export interface Link {
  /** `literal`, `spread`, `default`, `call of f`, `lock`, `computed from placement`, … */
  readonly what: string;
  /** Nothing to point at: it was computed. */
  readonly at: Span | undefined;
}

/** A value of a plan and what made it, the nearest first. */
export interface Traced {
  readonly value: unknown;
  readonly chain: readonly Link[];
}

export type Tracing =
  | ({ readonly kind: "traced" } & Traced)
  /** No such host, or no such path in its plan. */
  | { readonly kind: "nowhere"; readonly why: string }
  | { readonly kind: "unsound"; readonly problems: readonly Diagnostic[] };

/** Finds where a value of a host's plan comes from. `path` is written as `deployments.triage.context`. */
export type Trace = (tree: SourceTree, host: string, path: string) => Tracing;
