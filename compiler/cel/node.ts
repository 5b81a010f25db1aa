/** A piece of an expression's text, in UTF-16 units. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Something that is wrong with an expression, and where in its text. */
export interface Slip extends Place {
  readonly message: string;
  readonly cure: string;
}

export const macros = ["all", "exists", "exists_one", "map", "filter"] as const;
export type Macro = (typeof macros)[number];

/** An expression as the checker and the evaluator read it: CEL with its macros as they were written. */
export type Node = Place &
  (
    | { readonly kind: "literal"; readonly value: null | boolean | bigint | number | string }
    | { readonly kind: "name"; readonly name: string }
    /** `of.field`; with `has`, whether it is there. */
    | { readonly kind: "field"; readonly of: Node; readonly field: string; readonly has: boolean }
    | {
        readonly kind: "call";
        readonly name: string;
        readonly method: boolean;
        readonly args: readonly Node[];
      }
    | { readonly kind: "both" | "either"; readonly left: Node; readonly right: Node }
    | { readonly kind: "choice"; readonly test: Node; readonly yes: Node; readonly no: Node }
    | { readonly kind: "list"; readonly items: readonly Node[] }
    | { readonly kind: "map"; readonly entries: readonly (readonly [key: Node, value: Node])[] }
    /** `over.macro(name, test, item)`: `map` has an item, and a test only with three arguments. */
    | {
        readonly kind: "each";
        readonly macro: Macro;
        readonly over: Node;
        readonly name: string;
        readonly test: Node | undefined;
        readonly item: Node | undefined;
      }
  );
