import type { ts } from "ts-morph";
import type { Reporter } from "./interpreter.ts";

/** Where a statement or an expression stands. */
export interface Place {
  readonly inFunction: boolean;
  readonly inLoop: boolean;
  readonly inSwitch: boolean;
}

/** What the rules of the grammar use of one another, for one file. */
export interface Grammar {
  readonly reporter: Reporter;
  readonly file: string;
  readonly text: string;
  /** What was refused: nothing more is said of it. */
  readonly refused: Set<ts.Node>;
  statements(statements: readonly ts.Statement[], place: Place): void;
  expression(node: ts.Expression, place: Place): void;
  function(
    node: ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction,
    place: Place,
  ): void;
  pattern(name: ts.BindingName, place: Place): void;
  /** Refuses a form that the language has not. */
  foreign(node: ts.Node): void;
  refuse(what: string, node: ts.Node, cure: string): void;
  /** Refuses what JavaScript itself would not run. */
  syntax(message: string, node: ts.Node, cure: string): void;
}
