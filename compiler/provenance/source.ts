import type { Kind } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";

/** What a value of a plan was made from. */
export type Source =
  | FieldSource
  | { readonly kind: "lock"; readonly source: string; readonly field: string }
  | { readonly kind: "computed"; readonly what: string };

/** A field of a definition. Where it is not written, `otherwise` says what stands in for it. */
export interface FieldSource {
  readonly kind: "field";
  readonly definition: Kind;
  readonly name: string;
  readonly path: readonly string[];
  readonly otherwise?: string;
}

export type Path = readonly string[];

export const placed: readonly Source[] = [
  { kind: "computed", what: "the placement: what stands on this host" },
];

export function of(definition: Kind, name: string, path: Path, otherwise?: string): FieldSource {
  return { kind: "field", definition, name, path, ...(otherwise !== undefined && { otherwise }) };
}

export function lockSource(
  { models, adapters }: Definitions,
  kind: "model" | "adapter",
  name: string,
  field: string,
): readonly Source[] {
  const source = (kind === "model" ? models : adapters).get(name)?.value.source;
  return source === undefined ? [] : [{ kind: "lock", source, field }];
}
