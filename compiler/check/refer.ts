import type { Kind } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Field, Fields, Value } from "../evaluate/evaluate.ts";
import { nowhere, type Path } from "./located.ts";

/** A place where one definition names another. */
export interface Mention {
  readonly path: Path;
  readonly kind: Kind;
  readonly name: string;
  readonly at: Span;
  /** The definition that was passed itself, and what it says that it is; absent where a name was written. */
  readonly passed?: { readonly kind: string; readonly value: Fields };
}

/** The part of a JSON Schema that leads to references. */
interface Shape {
  readonly "x-refers-to"?: Kind;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** Whether a schema leads to references at all. */
export function mayRefer(schema: Shape): boolean {
  const { properties = {}, patternProperties = {}, items } = schema;
  const inner = [
    ...Object.values(properties),
    ...Object.values(patternProperties),
    ...(items === undefined ? [] : [items]),
  ];
  return schema["x-refers-to"] !== undefined || inner.some(mayRefer);
}

/** Puts names where definitions were passed, wherever the schema wants a reference, and lists all mentions. */
export function refer(
  value: Value,
  schema: Shape,
  exported: ReadonlySet<Value>,
): { readonly value: Value; readonly mentions: readonly Mention[] } {
  const mentions: Mention[] = [];
  const walk = (part: Value, shape: Shape | undefined, path: Path, around: Span): Value => {
    if (shape === undefined) return part;
    const kind = shape["x-refers-to"];
    if (kind !== undefined) return mention(part, kind, path, around, mentions, exported);
    if (part.kind === "list") {
      const places = part.places?.length === part.items.length ? part.places : undefined;
      return {
        ...part,
        items: part.items.map((item, index) =>
          walk(item, shape.items, [...path, index], places?.[index] ?? part.at),
        ),
      };
    }
    if (part.kind !== "fields") return part;
    const fields = new Map<string, Field>();
    for (const [key, field] of part.fields) {
      const inner = shape.properties?.[key] ?? Object.values(shape.patternProperties ?? {})[0];
      fields.set(key, {
        ...field,
        value: walk(field.value, inner, [...path, key], field.place ?? field.key),
      });
    }
    return { ...part, fields };
  };
  return { value: walk(value, schema, [], nowhere), mentions };
}

function mention(
  part: Value,
  kind: Kind,
  path: Path,
  around: Span,
  mentions: Mention[],
  exported: ReadonlySet<Value>,
): Value {
  if (part.kind === "scalar" && typeof part.value === "string") {
    // An empty text is refused for being empty.
    if (part.value !== "") mentions.push({ path, kind, name: part.value, at: part.at });
    return part;
  }
  const name = textAt(part, "name");
  const passed = textAt(part, "kind");
  if (part.kind !== "fields" || passed === undefined) return part;
  // A definition without a name is reported as such where it stands, not where it is used.
  if (name === undefined) return exported.has(part) ? { kind: "failed" } : part;
  // The place of use, not that of the definition: that is where the author chose it.
  mentions.push({ path, kind, name, at: around, passed: { kind: passed, value: part } });
  return { kind: "scalar", value: name, at: around };
}

export function textAt(value: Value, key: string): string | undefined {
  const field = value.kind === "fields" ? value.fields.get(key)?.value : undefined;
  return field?.kind === "scalar" && typeof field.value === "string" ? field.value : undefined;
}
