import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";

export type Path = readonly (string | number)[];

/** The span of what is written at a path, or of its key. */
export type SpanOf = (path: Path, what?: "value" | "key") => Span;

/** The span of a part; where it was not written, that of the nearest part around it. */
export function spanAt(value: Value, path: Path, what: "value" | "key" = "value"): Span {
  let part = value;
  let at = value.kind === "failed" ? nowhere : value.at;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (part.kind === "fields") {
      const field = part.fields.get(String(step));
      if (field === undefined) return at;
      part = field.value;
      at = (last && what === "key") || part.kind === "failed" ? field.key : part.at;
    } else if (part.kind === "list") {
      const item = part.items[Number(step)];
      if (item === undefined) return at;
      part = item;
      if (part.kind !== "failed") at = part.at;
    } else return at;
  }
  return at;
}

export const nowhere: Span = { file: "", start: 0, end: 0 };

/** The keys written at a path, none where nothing is written; `undefined` where no keys can be told. */
export function keysAt(value: Value, path: Path): readonly string[] | undefined {
  let part = value;
  for (const step of path) {
    const next =
      part.kind === "fields"
        ? part.fields.get(String(step))?.value
        : part.kind === "list"
          ? part.items[Number(step)]
          : undefined;
    if (next === undefined) return part.kind === "fields" ? [] : undefined;
    part = next;
  }
  return part.kind === "fields" ? [...part.fields.keys()] : undefined;
}

/**
 * A piece of a text, where the text stands in the file as it is: plain, or in quotes. Where its span tells that it was
 * written in some other way (escapes, joined from pieces), all of it.
 */
export function spanInside(at: Span, text: string, from: number, to: number): Span {
  const around = at.end - at.start - text.length;
  if (around !== 0 && around !== 2) return at;
  const start = at.start + around / 2 + from;
  return { file: at.file, start, end: start + Math.max(1, to - from) };
}

/** What JSON can say of a value, and where it says nothing. */
export interface Plain {
  readonly value: unknown;
  /** JSON Pointers (RFC 6901) to what is left out. */
  readonly leftOut: ReadonlySet<string>;
}

/** Plain JSON. What JSON cannot say is reported at its place and left out; in a list, its place stays. */
export function jsonValueOf(value: Value, found: Diagnostic[]): Plain {
  const leftOut = new Set<string>();
  // Written out as pointers only where something is left out: of thousands of values that is none.
  const steps: string[] = [];
  const leaveOut = () => {
    leftOut.add(steps.reduce(pointerTo, ""));
    return undefined;
  };
  const read = (part: Value): unknown => {
    switch (part.kind) {
      case "list":
        return part.items.map((item, index) => inside(String(index), item));
      case "fields": {
        const fields: Record<string, unknown> = {};
        for (const [key, field] of part.fields) {
          const plain = inside(key, field.value);
          if (plain !== undefined) setOwn(fields, key, plain);
        }
        return fields;
      }
      case "scalar": {
        const { value: bare } = part;
        const sayable = typeof bare === "number" ? Number.isFinite(bare) : bare !== undefined;
        if (sayable) return bare;
        found.push(notAValue(String(bare), part.at));
        return leaveOut();
      }
      case "callable":
        found.push(notAValue("a function", part.at));
        return leaveOut();
      case "failed":
        return leaveOut();
    }
  };
  const inside = (step: string, part: Value): unknown => {
    steps.push(step);
    const plain = read(part);
    steps.pop();
    return plain;
  };
  return { value: read(value), leftOut };
}

/** An author may call a field `__proto__`: assigned, it would be no field. */
function setOwn(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(fields, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  else fields[key] = value;
}

/** The JSON Pointer to a field. */
export function pointerTo(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function notAValue(what: string, at: Span): Diagnostic {
  return {
    code: "evaluate/not-a-value",
    severity: "error",
    message: `a definition cannot hold ${what}`,
    at,
    cure: "leave the field out, or give it a number, a text, a list or an object",
  };
}
