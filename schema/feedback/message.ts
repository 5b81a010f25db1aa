import Type, { type Static } from "typebox";

/** One part of a message, after the message model of the OpenTelemetry GenAI conventions. */
const Part = Type.Union([
  Type.Object({ type: Type.Literal("text"), content: Type.String() }),
  Type.Object({
    type: Type.Literal("tool_call"),
    id: Type.String(),
    name: Type.String(),
    arguments: Type.Unknown(),
  }),
  Type.Object({
    type: Type.Literal("tool_call_response"),
    id: Type.String(),
    response: Type.Unknown(),
  }),
  Type.Object({ type: Type.Literal("reasoning"), content: Type.String() }),
]);

export const Message = Type.Object({
  role: Type.String({ minLength: 1, maxLength: 64 }),
  parts: Type.Array(Part, { maxItems: 1000 }),
  finish_reason: Type.Optional(Type.String()),
});
export type Message = Static<typeof Message>;
