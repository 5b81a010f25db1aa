import { isLoopback, NAME_PATTERN, type readerOf } from "@millwright/schema";
import { nearest } from "../diagnostic/diagnostic.ts";

type Reading = ReturnType<ReturnType<typeof readerOf>>;
/** What a schema has against a value, as ajv says it. */
export type SchemaError = Extract<Reading, { ok: false }>["errors"][number];

/** What is wrong with a value, as a fact with numbers. */
export function complaint({ keyword, params, data }: SchemaError, where: string): string {
  const said: Readonly<Record<string, unknown>> = params;
  const limit = String(said["limit"]);
  const given = JSON.stringify(data)?.slice(0, 80) ?? "nothing";
  const plural = limit === "1" ? "" : "s";
  switch (keyword) {
    case "type":
      return `${where} must be ${article(String(said["type"]))}, not ${given}`;
    case "pattern":
      return `${where} does not take ${given}`;
    case "enum":
      return `${where} must be one of ${choices(said).join(", ")}, not ${given}`;
    case "const":
      return `${where} must be ${JSON.stringify(said["allowedValue"])}, not ${given}`;
    case "minimum":
      return `${where} must be at least ${limit}, not ${given}`;
    case "maximum":
      return `${where} must be at most ${limit}, not ${given}`;
    case "minItems":
      return `${where} needs at least ${limit} element${plural}`;
    case "maxItems":
      return `${where} has ${lengthOf(data)} elements; ${limit} is the most`;
    case "minProperties":
      return `${where} needs at least ${limit} entr${limit === "1" ? "y" : "ies"}`;
    case "maxProperties":
      return `${where} has ${lengthOf(data)} entries; ${limit} is the most`;
    case "minLength":
      return `${where} must not be empty`;
    case "maxLength":
      return `${where} has ${lengthOf(data)} characters; ${limit} is the most`;
    default:
      return `${where} is not valid: ${keyword}`;
  }
}

function choices(params: Readonly<Record<string, unknown>>): readonly string[] {
  const { allowedValues } = params;
  return Array.isArray(allowedValues) ? allowedValues.map(String) : [];
}

function lengthOf(data: unknown): number {
  if (typeof data === "string" || Array.isArray(data)) return data.length;
  return typeof data === "object" && data !== null ? Object.keys(data).length : 0;
}

function article(types: string): string {
  const words: Record<string, string> = {
    string: "a text",
    number: "a number",
    integer: "a whole number",
    object: "an object",
    array: "a list",
    boolean: "true or false",
  };
  return types
    .split(",")
    .map((type) => words[type] ?? type)
    .join(" or ");
}

export const nameCure = "use letters a-z, digits and hyphens, 63 at most";

/** What was probably meant, or what the field is for, with examples. */
export function cureOf(
  { keyword, params, parentSchema, data }: SchemaError,
  where: string,
): string {
  const said: Readonly<Record<string, unknown>> = params;
  if (keyword === "pattern" && said["pattern"] === NAME_PATTERN) return nameCure;
  if (keyword === "type" && isQuotable(said, parentSchema, data))
    return `put it in quotes: "${data}"`;
  if (keyword === "enum") {
    const meant = nearest(String(data), choices(said));
    if (meant !== undefined) return `did you mean ${meant}?`;
  }
  if (keyword === "pattern" && String(said["pattern"]).startsWith("^wss?:")) {
    const url = typeof data === "string" ? URL.parse(data) : null;
    if (url !== null && /^https?:$/.test(url.protocol)) {
      const isClear = url.protocol === "http:" && isLoopback(url.hostname);
      return `did you mean ${isClear ? "ws" : "wss"}://${url.host}?`;
    }
  }
  const { description, examples = [] } = (parentSchema ?? {}) as {
    description?: string;
    examples?: readonly unknown[];
  };
  const example = examples.map((value) => JSON.stringify(value)).join(" or ");
  if (example !== "") return `write for example ${example}`;
  const purpose = description === undefined ? undefined : lowerFirst(description);
  const write = writing(keyword, said);
  if (write === undefined) return purpose === undefined ? `mend ${where}` : `${where}: ${purpose}`;
  return purpose === undefined ? write : `${write}: ${purpose}`;
}

/** A number or a truth that YAML read, where a text of the same letters would do. */
function isQuotable(
  params: Readonly<Record<string, unknown>>,
  schema: SchemaError["parentSchema"],
  data: unknown,
): boolean {
  if (params["type"] !== "string" || (typeof data !== "number" && typeof data !== "boolean"))
    return false;
  const pattern: unknown = schema?.["pattern"];
  return typeof pattern !== "string" || new RegExp(pattern).test(String(data));
}

/** What to write instead, where the rule itself tells. */
function writing(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const limit = String(params["limit"]);
  switch (keyword) {
    case "type":
      return `write ${article(String(params["type"]))}`;
    case "minimum":
      return `write ${limit} or more`;
    case "maximum":
      return `write ${limit} or less`;
    case "maxItems":
    case "maxProperties":
      return `leave some out`;
    case "maxLength":
      return `write ${limit} characters or less`;
    default:
      return undefined;
  }
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
