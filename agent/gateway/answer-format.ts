import type { AnswerSchema } from "../runner/runner.ts";
import { invalid, type Read } from "./api-error.ts";
import { isFields, readHeldSchema } from "./held-schema.ts";

const WHERE = "response_format";

/**
 * What `response_format` asks of an answer, in the keywords that engines keep to; `undefined` where it asks for nothing.
 * Every property is written, also one that is not required. A keyword that nobody would keep to is refused: an answer
 * that only mostly fits its schema breaks programs far from here.
 */
export function readAnswerFormat(format: unknown): Read<AnswerSchema | undefined> {
  if (format === undefined || format === null) return { ok: true, value: undefined };
  if (!isFields(format)) return no(WHERE, "is an object with a type");
  switch (format["type"]) {
    case "text":
      return { ok: true, value: undefined };
    case "json_object":
      return { ok: true, value: { type: "object", additionalProperties: true } };
    case "json_schema": {
      const at = `${WHERE}.json_schema`;
      const { json_schema: asked } = format;
      if (!isFields(asked)) return no(at, "is an object with a name and a schema");
      return readHeldSchema(asked["schema"], `${at}.schema`, WHERE);
    }
    default:
      return no(`${WHERE}.type`, "is text, json_object or json_schema");
  }
}

function no(param: string, is: string): Read<never> {
  return { ok: false, error: invalid(param, `${param} ${is}.`) };
}
