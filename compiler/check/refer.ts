import type { Kind } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Field, Value } from "../evaluate/evaluate.ts";

/** A place where one definition names another. */
export interface Mention {
  readonly path: readonly (string | number)[];
  readonly kind: Kind;
  readonly name: string;
  readonly at: Span;
  /** The kind of the definition that was passed itself; absent where a name was written. */
  readonly passed?: string;
}

/** The part of a JSON Schema that leads to references. */
interface Shape {
  readonly "x-refers-to"?: Kind;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** Puts names where definitions were passed, wherever the schema wants a reference, and lists all mentions. */
export function refer(
  value: Value,
  schema: Shape,
): { readonly value: Value; readonly mentions: readonly Mention[] } {
  const mentions: Mention[] = [];
  const walk = (
    part: Value,
    shape: Shape | undefined,
    path: readonly (string | number)[],
    around: Span,
  ): Value => {
    if (shape === undefined) return part;
    const kind = shape["x-refers-to"];
    if (kind !== undefined) return mention(part, kind, path, around, mentions);
    if (part.kind === "list") {
      return {
        ...part,
        items: part.items.map((item, index) => walk(item, shape.items, [...path, index], part.at)),
      };
    }
    if (part.kind !== "fields") return part;
    const fields = new Map<string, Field>();
    for (const [key, field] of part.fields) {
      const inner = shape.properties?.[key] ?? Object.values(shape.patternProperties ?? {})[0];
      fields.set(key, {
        key: field.key,
        value: walk(field.value, inner, [...path, key], field.key),
      });
    }
    return { ...part, fields };
  };
  return { value: walk(value, schema, [], { file: "", start: 0, end: 0 }), mentions };
}

function mention(
  part: Value,
  kind: Kind,
  path: readonly (string | number)[],
  around: Span,
  mentions: Mention[],
): Value {
  if (part.kind === "scalar" && typeof part.value === "string") {
    mentions.push({ path, kind, name: part.value, at: part.at });
    return part;
  }
  const name = textAt(part, "name");
  const passed = textAt(part, "kind");
  if (name === undefined || passed === undefined) return part;
  // The place of use, not that of the definition: that is where the author chose it.
  mentions.push({ path, kind, name, at: around, passed });
  return { kind: "scalar", value: name, at: around };
}

export function textAt(value: Value, key: string): string | undefined {
  const field = value.kind === "fields" ? value.fields.get(key)?.value : undefined;
  return field?.kind === "scalar" && typeof field.value === "string" ? field.value : undefined;
}
