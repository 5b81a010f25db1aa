import type { ts } from "ts-morph";
import type { Code, Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Run } from "./run.ts";
import type { Scope } from "./scope.ts";
import type { Failed, List, Value } from "./value.ts";

/** The value of a link in a chain, or that a `?.` before it has ended the chain. */
export interface Link {
  readonly value: Value;
  readonly ended: boolean;
}

/** What can be gone through, and the list behind it, which may not change meanwhile. */
export interface Iterated {
  readonly items: readonly Value[];
  readonly list: List | undefined;
}

/** What can be said about one file. */
export interface Reporter {
  readonly run: Run;
  spanOf(node: ts.Node): Span;
  /** Reports at a node. */
  refuse(
    code: Code,
    message: string,
    node: ts.Node,
    cure?: string,
    also?: Diagnostic["also"],
  ): Failed;
}

/** What the parts of the interpreter use of one another: one file being read. */
export interface Interpreter extends Reporter {
  evaluate(node: ts.Expression, scope: Scope): Value;
  /** An expression that may be part of a chain, so that `a?.b.c` ends as a whole. */
  chain(node: ts.Expression, scope: Scope): Link;
  /** What a spread or a loop goes through; `undefined` when there is nothing, which has been reported. */
  iterate(node: ts.Expression, scope: Scope): Iterated | undefined;
  /** The body of a function: an expression, or a block that returns. */
  body(node: ts.ConciseBody, scope: Scope): Value;
}

/** The most common refusal: something that JavaScript has and the definition language has not. */
export function notInTheLanguage(
  interpreter: Reporter,
  what: string,
  node: ts.Node,
  cure: string,
): Failed {
  return interpreter.refuse(
    "evaluate/not-in-the-language",
    `${what} cannot be used in definitions`,
    node,
    cure,
  );
}
