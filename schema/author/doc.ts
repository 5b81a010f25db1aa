/** What of a JSON Schema is worth saying to whoever writes a value of it. */
export interface Described {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly "x-unit"?: string;
  readonly "x-refers-to"?: string;
}

/**
 * What an editor shows of a field, as Markdown: its purpose, then its form where the type does not tell.
 * A reference is written as a name in YAML; in TypeScript the definition itself will do.
 */
export function docOf(schema: Described, language: "typescript" | "yaml"): string {
  const { description = "" } = schema;
  const form = formOf(schema, language);
  return form === undefined ? description : `${description}\n\n${form}`.trimStart();
}

function formOf(schema: Described, language: "typescript" | "yaml"): string | undefined {
  const kind = schema["x-refers-to"];
  if (kind !== undefined)
    return language === "yaml"
      ? `The name of ${article(kind)}.`
      : `${capital(article(kind))}: the definition itself, or its name.`;
  if (schema["x-unit"] === "bytes") return "A number of bytes, or a text such as `141GiB`.";
  if (schema["x-unit"] === "duration") return "A number and its unit: `ms`, `s`, `m`, `h` or `d`.";
  if (schema.type !== "integer" && schema.type !== "number") return undefined;
  return `${schema.type === "integer" ? "A whole number" : "A number"}${boundsOf(schema)}.`;
}

function boundsOf({ minimum, maximum }: Described): string {
  if (minimum !== undefined && maximum !== undefined)
    return ` from ${minimum} to ${grouped(maximum)}`;
  if (minimum !== undefined) return `, ${minimum} or more`;
  return maximum === undefined ? "" : `, ${grouped(maximum)} or less`;
}

/** `60,000`. By hand, for it is written at each start, and the first `toLocaleString` of a process takes 20 ms. */
function grouped(amount: number): string {
  return String(amount).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
