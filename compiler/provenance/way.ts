import type { Span } from "../diagnostic/diagnostic.ts";
import type { Fields, Value, Via } from "../evaluate/evaluate.ts";
import type { FieldSource } from "./source.ts";

/** One thing that made a value. */
export interface Link {
  /** `literal`, `spread`, `default`, `call of f`, `lock of …`, … */
  readonly what: string;
  /** Nothing to point at: it was computed. */
  readonly at: Span | undefined;
}

/** Steps that are shown of one value: chains of functions may be longer than anyone reads. */
const MOST = 50;

/** The way of a field's value, from the definition back to where it began. */
export function wayOf(
  definitions: readonly Fields[],
  { definition, name, path, otherwise }: FieldSource,
): readonly Link[] {
  const root = definitions.find(
    (value) => textOf(value, "kind") === definition && textOf(value, "name") === name,
  );
  if (root === undefined) return [];
  const around: Link[] = [];
  let value: Value = root;
  let place: Link | undefined;
  for (const [depth, step] of path.entries()) {
    const inner = partOf(value, step);
    if (inner === undefined)
      return otherwise === undefined
        ? [...(place === undefined ? [] : [place]), ...around]
        : [{ what: otherwise, at: undefined }];
    place = {
      what: `${definition} ${name}, ${path.slice(0, depth + 1).join(".")}`,
      at: inner.place,
    };
    around.unshift(...stepsOf(inner.via));
    value = inner.value;
    // What a whole object passed through counts for each of its fields.
    if (depth < path.length - 1) around.unshift(...passages(value));
  }
  place ??= { what: `${definition} ${name}`, at: root.fields.get("name")?.place ?? root.at };
  return [place, ...beginning(value), ...around].slice(0, MOST);
}

interface Part {
  readonly value: Value;
  readonly place: Span | undefined;
  readonly via: Via | undefined;
}

function partOf(value: Value, step: string): Part | undefined {
  if (value.kind === "fields") {
    const field = value.fields.get(step);
    return (
      field && { value: field.value, place: field.place ?? spanOf(field.value), via: field.via }
    );
  }
  if (value.kind !== "list") return undefined;
  const item = value.items[Number(step)];
  return (
    item && { value: item, place: value.places?.[Number(step)] ?? spanOf(item), via: undefined }
  );
}

/** How a value came to be: what it passed through, and where it began. */
function beginning(value: Value): readonly Link[] {
  if (value.kind === "failed") return [];
  const steps = stepsOf(value.via);
  if (steps.length > 0) return [...steps, ...ingredients(value.via, new Set())];
  const what = value.kind === "scalar" ? "literal" : value.kind === "list" ? "list" : "object";
  return [{ what, at: value.at }];
}

/** Without what every object is: written somewhere. */
function passages(value: Value): readonly Link[] {
  const via = value.kind === "failed" ? undefined : value.via;
  return stepsOf(via).filter(({ what }) => what !== "literal");
}

function stepsOf(via: Via | undefined): Link[] {
  const steps: Link[] = [];
  for (let step = via; step !== undefined && steps.length < MOST; step = step.before)
    steps.push({ what: step.what, at: step.at });
  return steps;
}

/** Of a value that was computed: the ways of what it was computed from. */
function ingredients(via: Via | undefined, seen: Set<Value>): readonly Link[] {
  const links: Link[] = [];
  for (let step = via; step !== undefined; step = step.before) {
    for (const part of step.from ?? []) {
      if (seen.has(part) || part.kind === "failed" || seen.size >= MOST) continue;
      seen.add(part);
      links.push(...stepsOf(part.via), ...ingredients(part.via, seen));
    }
  }
  return links;
}

function textOf(value: Fields, key: string): unknown {
  const field = value.fields.get(key)?.value;
  return field?.kind === "scalar" ? field.value : undefined;
}

function spanOf(value: Value): Span | undefined {
  return value.kind === "failed" ? undefined : value.at;
}
