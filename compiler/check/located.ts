import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";

/** The span of a part; where it was not written, that of the nearest part around it. */
export function spanAt(
  value: Value,
  path: readonly (string | number)[],
  what: "value" | "key" = "value",
): Span {
  let part = value;
  let at = spanOf(value);
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (part.kind === "fields") {
      const field = part.fields.get(String(step));
      if (field === undefined) return at;
      at = last && what === "key" ? field.key : spanOf(field.value);
      part = field.value;
    } else if (part.kind === "list") {
      const item = part.items[Number(step)];
      if (item === undefined) return at;
      at = spanOf(item);
      part = item;
    } else return at;
  }
  return at;
}

function spanOf(value: Value): Span {
  return value.kind === "failed" ? { file: "", start: 0, end: 0 } : value.at;
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
  const read = (part: Value, pointer: string): unknown => {
    switch (part.kind) {
      case "list":
        return part.items.map((item, index) => read(item, `${pointer}/${index}`));
      case "fields": {
        const fields = [...part.fields].map(
          ([key, field]) => [key, read(field.value, pointerTo(pointer, key))] as const,
        );
        return Object.fromEntries(fields.filter(([, plain]) => plain !== undefined));
      }
      case "scalar": {
        const { value: bare } = part;
        const sayable = typeof bare === "number" ? Number.isFinite(bare) : bare !== undefined;
        if (sayable) return bare;
        found.push(notAValue(String(bare), part.at));
        break;
      }
      case "callable":
        found.push(notAValue("a function", part.at));
        break;
      case "failed":
    }
    leftOut.add(pointer);
    return undefined;
  };
  return { value: read(value, ""), leftOut };
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
