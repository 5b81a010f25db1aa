import { type Definition, definitionSchemas, type Kind, kinds } from "@millwright/schema";
import { type Diagnostic, didYouMean, type Span } from "../diagnostic/diagnostic.ts";
import type { Fields, Value } from "../evaluate/evaluate.ts";
import type { Draft, Part } from "./draft.ts";
import { jsonValueOf, keysAt, pointerTo, type SpanOf, spanAt } from "./located.ts";
import { mayRefer, refer, textAt } from "./refer.ts";
import { headOf, type Shapes, shapeErrors } from "./shape.ts";

/** The kinds that name others. Of hosts there may be thousands, and they name none. */
const referring = new Set(kinds.filter((kind) => mayRefer(definitionSchemas[kind])));

/** A value as a definition of its kind, as far as it is valid; what is not is reported. */
export function readDefinition(
  raw: Fields,
  exported: ReadonlySet<Value>,
  read: Shapes,
  found: Diagnostic[],
): Draft<Kind> | undefined {
  const kind = kinds.find((known) => known === textAt(raw, "kind"));
  if (kind === undefined) {
    found.push(withoutKind(raw));
    return undefined;
  }
  const { value, mentions } = referring.has(kind)
    ? refer(raw, definitionSchemas[kind], exported)
    : { value: raw, mentions: [] };
  const wrong: Diagnostic[] = [];
  const plain = jsonValueOf(value, wrong);
  const name = textAt(raw, "name");
  const at = name === undefined ? withoutName(value) : spanAt(value, ["name"]);
  const { problems, broken } = shapeErrors(read, kind, plain, value, at);
  found.push(...wrong, ...problems);
  const spanOf: SpanOf = (path, what) => spanAt(value, path, what);
  const isSound = wrong.length + problems.length === 0 && plain.leftOut.size === 0;
  return {
    kind,
    name,
    at,
    mentions,
    spanOf,
    value: (isSound ? plain.value : validPart(plain.value, broken)) as Part<Definition[Kind]>,
    sound: isSound ? { value: plain.value as Definition[Kind], at, spanOf } : undefined,
    keysAt: (path) => keysAt(value, path),
  };
}

/** In YAML what it says that it is; in TypeScript, where a function says that, its beginning. */
function withoutName(value: Value): Span {
  const [whole, kind] = [spanAt(value, []), spanAt(value, ["kind"])];
  return kind.start === whole.start && kind.end === whole.end ? headOf(whole) : kind;
}

/** Without what is broken. In a list its place stays, so that the others keep theirs. */
function validPart(value: unknown, broken: ReadonlySet<string>): unknown {
  const keep = (part: unknown, pointer: string): unknown => {
    if (broken.has(pointer)) return undefined;
    if (Array.isArray(part)) return part.map((item, index) => keep(item, `${pointer}/${index}`));
    if (typeof part !== "object" || part === null) return part;
    const fields = Object.entries(part).map(
      ([key, inner]) => [key, keep(inner, pointerTo(pointer, key))] as const,
    );
    return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
  };
  return keep(value, "") ?? {};
}

/** An author function's kind can be written over by a field. */
function withoutKind(raw: Fields): Diagnostic {
  const given = textAt(raw, "kind");
  const at: Span = spanAt(raw, ["kind"]);
  return {
    code: "check/invalid-value",
    severity: "error",
    message: `there is no kind of definition ${given ?? "that is no text"}`,
    at,
    cure:
      given === undefined
        ? "leave kind out: the function says it"
        : `${didYouMean(given, kinds)} Or leave kind out: the function says it`,
  };
}
