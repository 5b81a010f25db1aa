import type { Definition, Kind } from "@millwright/schema";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";
import type { Found } from "./definitions.ts";
import type { SpanOf } from "./located.ts";
import type { Mention } from "./refer.ts";

/** What is valid of a value: every part that stands here keeps to the schema, and any may be missing. */
export type Part<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Part<Item> | undefined)[]
    : { readonly [P in keyof T]?: Part<T[P]> };

/** A definition as it was written: what is valid of it is checked further, what is not has been reported. */
export interface Draft<K extends Kind> {
  readonly kind: K;
  readonly name: string | undefined;
  /** The name, or the beginning of what has none. */
  readonly at: Span;
  readonly value: Part<Definition[K]>;
  /** Present when every part is valid and none is missing. */
  readonly sound: Found<K> | undefined;
  readonly mentions: readonly Mention[];
  readonly spanOf: SpanOf;
  /** Every key written there, also of what is not valid; `undefined` where nobody can tell. */
  readonly keysAt: (path: readonly (string | number)[]) => readonly string[] | undefined;
}

/** All that was written, by kind, in the order of files. */
export interface Drafts {
  readonly fleets: readonly Draft<"fleet">[];
  readonly hosts: readonly Draft<"host">[];
  readonly models: readonly Draft<"model">[];
  readonly adapters: readonly Draft<"adapter">[];
  readonly datasets: readonly Draft<"dataset">[];
  readonly factories: readonly Draft<"factory">[];
  readonly policies: readonly Draft<"policy">[];
  /** The definitions themselves. */
  readonly exported: ReadonlySet<Value>;
  /** No file and no definition is missing. Where one is, that a name is not here proves nothing. */
  readonly whole: boolean;
}

/** Looks at all definitions for one kind of mistake. */
export type Rule = (drafts: Drafts) => readonly Diagnostic[];

export function allSound(drafts: readonly Draft<Kind>[]): boolean {
  return drafts.every(({ sound }) => sound !== undefined);
}
