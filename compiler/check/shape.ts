import { definitionSchemas, type Kind, NAME_PATTERN, readerOf } from "@millwright/schema";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";
import { type Plain, pointerTo, spanAt } from "./located.ts";
import { didYouMean } from "./nearest.ts";

type Reading = ReturnType<ReturnType<typeof readerOf>>;
type SchemaError = Extract<Reading, { ok: false }>["errors"][number];

const readers = Object.fromEntries(
  Object.entries(definitionSchemas).map(([kind, schema]) => [
    kind,
    readerOf(schema, { allErrors: true }),
  ]),
) as Readonly<Record<Kind, ReturnType<typeof readerOf>>>;

/** What the schema of its kind has against a definition, in words, each at its place; nothing of what is left out. */
export function shapeErrors(kind: Kind, plain: Plain, value: Value): readonly Diagnostic[] {
  const reading = readers[kind](plain.value);
  if (reading.ok) return [];
  const broken = new Set(
    reading.errors
      .filter(({ keyword }) => keyword === "type")
      .map(({ instancePath }) => instancePath),
  );
  return reading.errors.flatMap((error) => {
    // A value of the wrong type breaks its other rules too; that only follows.
    if (error.keyword !== "type" && broken.has(error.instancePath)) return [];
    if (error.keyword === "propertyNames") return [];
    // That it cannot be said has been said.
    if (plain.leftOut.has(placeOf(error))) return [];
    return [inWords(error, kind, value)];
  });
}

/** The JSON Pointer to what is wrong: of a missing field, to the field. */
function placeOf({ keyword, instancePath, params }: SchemaError): string {
  if (keyword !== "required") return instancePath;
  return pointerTo(instancePath, String((params as Record<string, unknown>)["missingProperty"]));
}

function inWords(error: SchemaError, kind: Kind, value: Value): Diagnostic {
  const path = pathOf(error.instancePath);
  const field = path.at(-1);
  const where =
    field === undefined ? kind : typeof field === "number" ? `${path.at(-2)}[${field}]` : field;
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = spanAt(value, path);
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      const isName = known.length === 0;
      return {
        code: isName ? "check/invalid-value" : "check/unknown-field",
        severity: "error",
        message: isName ? `${key} cannot be a name` : `${where} has no field ${key}`,
        at: spanAt(value, [...path, key], "key"),
        cure: isName ? nameCure : didYouMean(key, known),
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
        at: headOf(at),
        cure: `add ${key}${said === undefined ? "" : `: ${lowerFirst(said)}`}`,
      };
    }
    default:
      return {
        code: "check/invalid-value",
        severity: "error",
        message: complaint(error, where),
        at,
        ...cureOf(error),
      };
  }
}

function complaint({ keyword, params, data }: SchemaError, where: string): string {
  const limit = String((params as Record<string, unknown>)["limit"]);
  const given = JSON.stringify(data)?.slice(0, 80) ?? "nothing";
  switch (keyword) {
    case "type":
      return `${where} must be ${article(String((params as Record<string, unknown>)["type"]))}, not ${given}`;
    case "pattern":
      return `${where} does not take ${given}`;
    case "enum":
      return `${where} must be one of ${((params as Record<string, unknown>)["allowedValues"] as unknown[]).join(", ")}, not ${given}`;
    case "const":
      return `${where} must be ${JSON.stringify((params as Record<string, unknown>)["allowedValue"])}, not ${given}`;
    case "minimum":
      return `${where} must be at least ${limit}, not ${given}`;
    case "maximum":
      return `${where} must be at most ${limit}, not ${given}`;
    case "minItems":
      return `${where} needs at least ${limit} element${limit === "1" ? "" : "s"}`;
    case "minLength":
      return `${where} must not be empty`;
    default:
      return `${where} is not valid: ${keyword}`;
  }
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

function cureOf({ keyword, params, parentSchema }: SchemaError): { readonly cure?: string } {
  if (keyword === "pattern" && (params as Record<string, unknown>)["pattern"] === NAME_PATTERN)
    return { cure: nameCure };
  const { description, examples } = (parentSchema ?? {}) as {
    description?: string;
    examples?: readonly unknown[];
  };
  const example =
    examples === undefined
      ? ""
      : ` For example ${examples.map((value) => JSON.stringify(value)).join(" or ")}.`;
  return description === undefined ? {} : { cure: `${description}${example}` };
}

/** JSON Pointer (RFC 6901) to path; numbers are indices of lists. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => {
      const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
      return /^\d+$/.test(plain) ? Number(plain) : plain;
    });
}

/** The beginning of a whole definition, so that squiggles do not run through all of it. */
export function headOf({ file, start }: { readonly file: string; readonly start: number }) {
  return { file, start, end: start + 1 };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
