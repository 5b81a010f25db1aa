/** A value of JSON as TypeScript writes it: short things on one line, names without quotes. */
export function literalOf(value: unknown, indent = ""): string {
  const flat = flatOf(value);
  if (flat.length + indent.length <= 80 && !isLarge(value)) return flat;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${literalOf(item, inner)},\n`)
    : Object.entries(value as object).map(
        ([key, field]) => `${inner}${keyOf(key)}: ${literalOf(field, inner)},\n`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join("")}${indent}${close}`;
}

/** The name of a field, in quotes where it must be. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function flatOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${keyOf(key)}: ${flatOf(field)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** A whole definition is read field by field. */
function isLarge(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value;
}
