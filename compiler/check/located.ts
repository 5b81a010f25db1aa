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

/** Plain JSON. What JSON cannot say is reported at its place and left out. */
export function jsonValueOf(value: Value, found: Diagnostic[]): unknown {
  switch (value.kind) {
    case "scalar": {
      const { value: bare } = value;
      if (bare === undefined || (typeof bare === "number" && !Number.isFinite(bare))) {
        found.push(notAValue(String(bare), value.at));
        return undefined;
      }
      return bare;
    }
    case "list":
      return value.items.map((item) => jsonValueOf(item, found));
    case "fields":
      return Object.fromEntries(
        [...value.fields].map(([key, field]) => [key, jsonValueOf(field.value, found)]),
      );
    case "callable":
      found.push(notAValue("a function", value.at));
      return undefined;
    case "failed":
      return undefined;
  }
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
