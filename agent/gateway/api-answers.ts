import Type, { type TSchema } from "typebox";

/** The shapes of what the gateway answers, for its OpenAPI document. What an answer has beyond them changes nothing. */

const Count = Type.Integer({ minimum: 0 });
const Nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** What every error says. */
export const ErrorAnswer = Type.Object({
  error: Type.Object({
    message: Type.String({ description: "A sentence for people: what is wrong, and the cure." }),
    type: Type.Enum(["invalid_request_error", "rate_limit_error", "server_error"]),
    param: Nullable(Type.String({ description: "The field of the request that is wrong." })),
    code: Type.String({ description: "For programs; permanent." }),
  }),
});

const Maker = Type.Object(
  {
    deployment: Type.String(),
    model: Type.String(),
    adapter: Type.Optional(Type.String()),
    plan: Type.String({ description: "The digest of the signed plan." }),
    revision: Type.Integer(),
    host: Type.String(),
    route: Type.Object(
      {
        name: Type.String({ description: "What was asked for." }),
        rule: Type.String({ description: "The rule that was taken: `choose[1]`, `split`, `to`." }),
      },
      {
        description:
          "Why it answered. With the facts that rules see, `millwright-agent route` decides it again.",
      },
    ),
  },
  { description: "Who made the answer." },
);

const Usage = Type.Object({
  prompt_tokens: Count,
  completion_tokens: Type.Optional(Count),
  total_tokens: Count,
});

export const ChatAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal("chat.completion"),
  created: Type.Integer(),
  model: Type.String(),
  system_fingerprint: Type.String(),
  choices: Type.Array(
    Type.Object({
      index: Count,
      message: Type.Object({
        role: Type.Literal("assistant"),
        content: Nullable(Type.String()),
        refusal: Type.Null(),
      }),
      finish_reason: Type.String(),
    }),
  ),
  usage: Usage,
  x_millwright: Maker,
});

export const CompletionAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal("text_completion"),
  created: Type.Integer(),
  model: Type.String(),
  choices: Type.Array(
    Type.Object({ index: Count, text: Type.String(), finish_reason: Type.String() }),
  ),
  usage: Usage,
  x_millwright: Maker,
});

export const ResponseAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal("response"),
  created_at: Type.Integer(),
  status: Type.Enum(["in_progress", "completed", "incomplete", "failed"]),
  error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  incomplete_details: Nullable(Type.Object({ reason: Type.String() })),
  model: Type.String(),
  output: Type.Array(Type.Object({ id: Type.String(), type: Type.String() })),
  usage: Nullable(
    Type.Object({
      input_tokens: Count,
      input_tokens_details: Type.Object({ cached_tokens: Count }),
      output_tokens: Count,
      output_tokens_details: Type.Object({ reasoning_tokens: Count }),
      total_tokens: Count,
    }),
  ),
  x_millwright: Maker,
});

export const EmbeddingAnswer = Type.Object({
  object: Type.Literal("list"),
  data: Type.Array(
    Type.Object({
      object: Type.Literal("embedding"),
      index: Count,
      embedding: Type.Union([
        Type.Array(Type.Number()),
        Type.String({ description: "base64 of 32-bit floats, the low byte first." }),
      ]),
    }),
  ),
  model: Type.String(),
  usage: Usage,
  x_millwright: Maker,
});

export const RerankAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal("list"),
  model: Type.String(),
  results: Type.Array(
    Type.Object({
      index: Type.Integer({ minimum: 0, description: "The document's place in the request." }),
      relevance_score: Type.Number({ minimum: 0, maximum: 1 }),
      document: Type.Optional(Type.Object({ text: Type.String() })),
    }),
    { description: "The best first." },
  ),
  usage: Usage,
  x_millwright: Maker,
});

export const FeedbackAnswer = Type.Object({ id: Type.String() });

export const ModelAnswer = Type.Object({
  id: Type.String(),
  object: Type.Literal("model"),
  created: Type.Integer(),
  owned_by: Type.String({ description: "The factory that has it." }),
  x_millwright: Type.Object({ kind: Type.Enum(["deployment", "route"]) }),
});

export const ModelsAnswer = Type.Object({
  object: Type.Literal("list"),
  data: Type.Array(ModelAnswer),
});

export const HealthAnswer = Type.Object({ status: Type.Literal("ok"), models: Count });
