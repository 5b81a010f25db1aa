import { definitionSchemas, type Kind, readerOf } from "@millwright/schema";
import { type Diagnostic, didYouMean, type Span } from "../diagnostic/diagnostic.ts";
import type { Value } from "../evaluate/evaluate.ts";
import { type Path, type Plain, pointerTo, spanAt } from "./located.ts";
import { complaint, cureOf, lowerFirst, nameCure, type SchemaError } from "./shape-words.ts";

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
