import { type ApiError, invalid } from "./api-error.ts";

/** As fastify passes on what ajv found. */
export interface ShapeError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Record<string, unknown>;
  readonly message: string;
}

/** The one thing to say about a body that has the wrong shape: the deepest error, and which field it is about. */
export function errorOfShape(errors: readonly ShapeError[]): ApiError {
  const depth = ({ instancePath }: ShapeError) => instancePath.split("/").length;
  const deepest = Math.max(...errors.map(depth));
  const said = errors.filter((error) => depth(error) === deepest);
  // Of a choice between types, what the others wanted is of use too; that it might have been null is not.
  const telling = said.filter(
    ({ keyword, params: { type } }) => keyword !== "anyOf" && type !== "null",
  );
  const [first] = telling.length > 0 ? telling : said;
  if (first === undefined) return invalid(null, "The body is invalid.");
  const { missingProperty, additionalProperty, allowedValues } = first.params;
  const extra = missingProperty ?? additionalProperty;
  const path = typeof extra === "string" ? `${first.instancePath}/${extra}` : first.instancePath;
  const param = paramOf(path);
  const field = param === "" ? "The body" : param;
  if (missingProperty !== undefined) return invalid(param, `${field} is missing.`);
  if (additionalProperty !== undefined) return invalid(param, `${field} is not known here.`);
  const words = new Set(telling.map(({ message }) => message));
  const values = Array.isArray(allowedValues) ? `: ${allowedValues.join(", ")}` : "";
  return invalid(param === "" ? null : param, `${field} ${[...words].join(", or ")}${values}.`);
}

/** `/messages/0/content` → `messages[0].content`. */
function paramOf(path: string): string {
  return path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((text, step) => {
      if (/^\d+$/.test(step)) return `${text}[${step}]`;
      return text === "" ? step : `${text}.${step}`;
    }, "")
    .slice(0, 200);
}
