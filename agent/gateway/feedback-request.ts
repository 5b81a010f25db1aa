import { type Message, UUID7_PATTERN } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { invalid, type Read } from "./api-error.ts";
import type { Opinion, Said } from "./recorder.ts";
import { ModelName } from "./request-fields.ts";
import { textMessage } from "./task.ts";

/** A text as the assistant's words, or a conversation. */
const Words = Type.Union([
  Type.String(),
  Type.Array(
    Type.Object({
      role: Type.Enum(["system", "developer", "user", "assistant", "tool"]),
      content: Type.String(),
    }),
    { minItems: 1, maxItems: 10_000 },
  ),
]);

const kinds = ["rating", "correction", "comment", "preference", "implicit"] as const;
type Kind = (typeof kinds)[number];

/**
 * The body of `POST /v1/feedback`. Ours, so a field that is not known is an error: what somebody wrote must not be lost
 * because of a misspelt name.
 */
export const FeedbackRequest = Type.Object(
  {
    /** The `id` of an answer: `chatcmpl-…`, `cmpl-…`, `resp_…`, or the UUID alone. */
    id: Type.String({ maxLength: 64 }),
    kind: Type.Enum([...kinds]),
    /** What was asked as `model`. Needed only when the host remembers the answer no more. */
    model: Type.Optional(ModelName),
    /** Who says so; the user when absent. */
    role: Type.Optional(Type.Enum(["user", "operator", "reviewer"])),
    /** A rating: what it is worth, in which respect (`rating` when absent), on which scale. */
    value: Type.Optional(
      Type.Union([Type.Boolean(), Type.Number(), Type.String({ minLength: 1, maxLength: 200 })]),
    ),
    metric: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    optimize: Type.Optional(Type.Enum(["min", "max"])),
    /** A correction: what the answer should have been. */
    output: Type.Optional(Words),
    /** A comment. */
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 8192 })),
    /** A preference: the better of two answers, and the other. */
    chosen: Type.Optional(Words),
    rejected: Type.Optional(Words),
    /** What the person did with the answer, and for how long they looked at it. */
    signal: Type.Optional(
      Type.Enum([
        ...["accepted", "copied", "edited", "regenerated"],
        ...["abandoned", "escalated", "retried"],
      ] as const),
    ),
    dwell_ms: Type.Optional(Type.Number({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type FeedbackRequest = Static<typeof FeedbackRequest>;

const common = ["id", "kind", "model", "role"] as const;
const fields: Readonly<
  Record<Kind, { readonly must: readonly string[]; readonly may: readonly string[] }>
> = {
  rating: { must: ["value"], may: ["metric", "min", "max", "optimize"] },
  correction: { must: ["output"], may: [] },
  comment: { must: ["text"], may: [] },
  preference: { must: ["chosen", "rejected"], may: [] },
  implicit: { must: ["signal"], may: ["dwell_ms"] },
};

const idPattern = new RegExp(`^(?:chatcmpl-|cmpl-|resp_)?(${UUID7_PATTERN.slice(1, -1)})$`);

export function readFeedback(body: FeedbackRequest): Read<Omit<Opinion, "origin">> {
  const [, interactionId] = idPattern.exec(body.id) ?? [];
  if (interactionId === undefined) {
    return bad(
      "id",
      "id is not the id of an answer: chatcmpl-, cmpl-, resp_, or a UUID of version 7.",
    );
  }
  const { must, may } = fields[body.kind];
  const known: readonly string[] = [...common, ...must, ...may];
  const stray = Object.keys(body).find((field) => !known.includes(field));
  if (stray !== undefined) return bad(stray, `${stray} says nothing in a ${body.kind}.`);
  const said = saidOf(body);
  if (said === undefined) {
    const missing = must.find((field) => !Object.hasOwn(body, field)) ?? must[0] ?? "kind";
    return bad(missing, `A ${body.kind} needs ${must.join(" and ")}.`);
  }
  return { ok: true, value: { interactionId, role: body.role ?? "user", said } };
}

function bad(param: string, message: string): Read<never> {
  return { ok: false, error: invalid(param, message) };
}

/** `undefined` when something that the kind needs is missing. */
function saidOf(body: FeedbackRequest): Said | undefined {
  const { kind, value, metric = "rating", min, max, optimize } = body;
  const { output, text, chosen, rejected, signal, dwell_ms } = body;
  switch (kind) {
    case "rating": {
      if (value === undefined) return undefined;
      const scale = {
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
      };
      const better = optimize === undefined ? {} : { optimize };
      return { kind, body: { metric, value, ...scale, ...better } };
    }
    case "correction":
      return output === undefined ? undefined : { kind, body: { output: messagesOf(output) } };
    case "comment":
      return text === undefined ? undefined : { kind, body: { text } };
    case "preference":
      return chosen === undefined || rejected === undefined
        ? undefined
        : { kind, body: { chosen: messagesOf(chosen), rejected: messagesOf(rejected) } };
    case "implicit":
      return signal === undefined
        ? undefined
        : { kind, body: { signal, ...(dwell_ms === undefined ? {} : { dwellMs: dwell_ms }) } };
  }
}

function messagesOf(words: Static<typeof Words>): Message[] {
  return typeof words === "string"
    ? [textMessage("assistant", words)]
    : words.map(({ role, content }) => textMessage(role, content));
}
