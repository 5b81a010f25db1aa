import Type, { type Static } from "typebox";
import { Message } from "./message.ts";

const Messages = Type.Array(Message, { maxItems: 10_000 });
const Milliseconds = Type.Number({ minimum: 0 });

/** What each kind of sample says. A later sample never changes an earlier one: they are joined by `interactionId`. */
export const bodies = {
  interaction: Type.Object({
    input: Messages,
    output: Messages,
    finishReason: Type.String(),
    usage: Type.Object({
      inputTokens: Type.Integer({ minimum: 0 }),
      outputTokens: Type.Integer({ minimum: 0 }),
    }),
    durationMs: Milliseconds,
    ttftMs: Type.Optional(Milliseconds),
  }),
  rating: Type.Object({
    metric: Type.String({ minLength: 1, maxLength: 200 }),
    value: Type.Union([Type.Boolean(), Type.Number(), Type.String({ maxLength: 200 })]),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    optimize: Type.Optional(Type.Enum(["min", "max"])),
  }),
  correction: Type.Object({
    output: Messages,
    /** Levenshtein distance in code points, and its share of the longer text. */
    editDistance: Type.Optional(Type.Integer({ minimum: 0 })),
    editRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  }),
  preference: Type.Object({ chosen: Messages, rejected: Messages }),
  comment: Type.Object({ text: Type.String({ minLength: 1, maxLength: 8192 }) }),
  implicit: Type.Object({
    signal: Type.Enum([
      "accepted",
      "copied",
      "edited",
      "regenerated",
      "abandoned",
      "escalated",
      "retried",
    ]),
    dwellMs: Type.Optional(Milliseconds),
  }),
  retraction: Type.Object({
    ids: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 10_000 }),
    reason: Type.Enum(["erasure", "withdrawn", "error"]),
  }),
} as const;

export type SampleKind = keyof typeof bodies;
export type SampleBody = { readonly [K in SampleKind]: Static<(typeof bodies)[K]> };
export const sampleKinds = Object.keys(bodies) as SampleKind[];
