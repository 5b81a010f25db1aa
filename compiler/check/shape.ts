import { definitionSchemas, type Kind, NAME_PATTERN, readerOf } from "@millwright/schema";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";
import { type Path, type Plain, pointerTo, spanAt } from "./located.ts";
import { didYouMean, nearest } from "./nearest.ts";

type Reading = ReturnType<ReturnType<typeof readerOf>>;
type SchemaError = Extract<Reading, { ok: false }>["errors"][number];

/** Reads definitions of every kind. A kind that nobody writes is never prepared. */
export type Shapes = (kind: Kind) => ReturnType<typeof readerOf>;

export function shapes(): Shapes {
  const readers = new Map<Kind, ReturnType<typeof readerOf>>();
  return (kind) => {
    const known = readers.get(kind) ?? readerOf(definitionSchemas[kind], { allErrors: true });
    readers.set(kind, known);
    return known;
  };
}

export interface Shaped {
  /** What the schema has against it, in words, each at its place; nothing of what was left out before. */
  readonly problems: readonly Diagnostic[];
  /** JSON Pointers to all that is not valid. */
  readonly broken: ReadonlySet<string>;
}

export function shapeErrors(
  read: Shapes,
  kind: Kind,
  plain: Plain,
  value: Value,
  head: Span,
): Shaped {
  const reading = read(kind)(plain.value);
  if (reading.ok) return { problems: [], broken: new Set() };
  const { errors } = reading;
  const otherType = new Set(
    errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath),
  );
  const problems = errors.flatMap((error) => {
    // A value of the wrong type breaks its other rules too; that only follows.
    if (error.keyword !== "type" && otherType.has(error.instancePath)) return [];
    if (isEcho(error)) return [];
    // That it cannot be said has been said.
    if (plain.leftOut.has(placeOf(error))) return [];
    return [inWords(error, kind, value, head)];
  });
  const broken = errors.filter(({ keyword }) => keyword !== "required").map(placeOf);
  return { problems, broken: new Set(broken) };
}

/** What ajv says of a name that is wrong comes twice: the rule of the name, and that of all names. */
function isEcho({ keyword, propertyName }: SchemaError): boolean {
  return keyword === "propertyNames" || (propertyName !== undefined && keyword !== "maxLength");
}

/** The JSON Pointer to what is wrong: of a missing field, to the field. */
function placeOf({ keyword, instancePath, params, propertyName }: SchemaError): string {
  const given: Readonly<Record<string, unknown>> = params;
  const key =
    keyword === "required"
      ? given["missingProperty"]
      : keyword === "additionalProperties"
        ? given["additionalProperty"]
        : (propertyName ?? given["propertyName"]);
  return key === undefined ? instancePath : pointerTo(instancePath, String(key));
}

function inWords(error: SchemaError, kind: Kind, value: Value, head: Span): Diagnostic {
  const path = pathOf(error.instancePath, value);
  const field = path.at(-1);
  const where =
    field === undefined ? kind : typeof field === "number" ? `${path.at(-2)}[${field}]` : field;
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.propertyName !== undefined) return badName(error.propertyName, path, value);
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const fields = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      if (fields.length === 0) return badName(key, path, value);
      return {
        code: "check/unknown-field",
        severity: "error",
        message: `${where} has no field ${key}`,
        at: spanAt(value, [...path, key], "key"),
        cure: didYouMean(
          key,
          fields.filter((name) => name !== "kind"),
        ),
      };
    }
    case "required": {
      const key = String(params["missingProperty"]);
      const said = (
        error.parentSchema?.["properties"] as Record<string, { description?: string }> | undefined
      )?.[key]?.description;
      return {
        code: "check/missing-field",
        severity: "error",
        message: `${where} has no ${key}`,
        at: whoLacks(path, value, head),
        cure: `add ${key}${said === undefined ? "" : `: ${lowerFirst(said)}`}`,
      };
    }
    default:
      return {
        code: "check/invalid-value",
        severity: "error",
        message: complaint(error, where),
        at: spanAt(value, path),
        cure: cureOf(error, where),
      };
  }
}

/** The name under which the object stands that lacks a field: squiggles through all of it would say nothing. */
function whoLacks(path: Path, value: Value, head: Span): Span {
  const last = path.at(-1);
  if (last === undefined) return head;
  return typeof last === "number" ? headOf(spanAt(value, path)) : spanAt(value, path, "key");
}

function badName(key: string, path: Path, value: Value): Diagnostic {
  return {
    code: "check/invalid-value",
    severity: "error",
    message: `${key.slice(0, 80)} cannot be a name`,
    at: spanAt(value, [...path, key], "key"),
    cure: nameCure,
  };
}

function complaint({ keyword, params, data }: SchemaError, where: string): string {
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

const nameCure = "use letters a-z, digits and hyphens, 63 at most";

/** What was probably meant, or what the field is for, with examples. */
function cureOf({ keyword, params, parentSchema, data }: SchemaError, where: string): string {
  const said: Readonly<Record<string, unknown>> = params;
  if (keyword === "pattern" && said["pattern"] === NAME_PATTERN) return nameCure;
  if (keyword === "type" && isQuotable(said, parentSchema, data))
    return `put it in quotes: "${data}"`;
  if (keyword === "enum") {
    const meant = nearest(String(data), choices(said));
    if (meant !== undefined) return `did you mean ${meant}?`;
  }
  const hub =
    keyword === "pattern" && typeof data === "string" && /^https?:\/\/[^\s/?#]+/.exec(data);
  if (hub && String(said["pattern"]).startsWith("^wss?:"))
    return `did you mean ${hub[0].replace(/^http/, "ws")}?`;
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

/** JSON Pointer (RFC 6901) to path: in lists the steps are indices. */
function pathOf(pointer: string, value: Value): Path {
  let part: Value | undefined = value;
  return pointer
    .split("/")
    .slice(1)
    .map((step) => {
      const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
      const isList: boolean = part?.kind === "list";
      part =
        part?.kind === "list"
          ? part.items[Number(plain)]
          : part?.kind === "fields"
            ? part.fields.get(plain)?.value
            : undefined;
      return isList ? Number(plain) : plain;
    });
}

/** The beginning of a whole definition, so that squiggles do not run through all of it. */
export function headOf({ file, start }: Span): Span {
  return { file, start, end: start + 1 };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
