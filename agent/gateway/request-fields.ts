import Type, { type Static, type TSchema } from "typebox";
import type { GenerateRequest } from "../runner/runner.ts";
import { type ApiError, invalid, unsupported } from "./api-error.ts";

/** The official clients send `null` for whatever was not set. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

export const ModelName = Type.String({ minLength: 1, maxLength: 200 });

/** What chat and text completions have in common. Fields that are not named here are ignored, as other servers do. */
export const generationFields = {
  model: ModelName,
  max_tokens: nullable(Type.Integer({ minimum: 1 })),
  /** 0 when absent, unlike OpenAI's 1: the same question gets the same answer unless the caller asks for variety. */
  temperature: nullable(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** As llama.cpp and vLLM have them. */
  top_k: nullable(Type.Integer({ minimum: 0 })),
  min_p: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  seed: nullable(Type.Integer()),
  presence_penalty: nullable(Type.Number({ minimum: -2, maximum: 2 })),
  frequency_penalty: nullable(Type.Number({ minimum: -2, maximum: 2 })),
  /** As vLLM and transformers have it: of the prompt, too. */
  repetition_penalty: nullable(Type.Number({ minimum: 0.1, maximum: 10 })),
  /** Tokens are numbers of the vocabulary of the model that answers. */
  logit_bias: nullable(
    Type.Record(
      Type.String({ pattern: "^[0-9]{1,9}$" }),
      Type.Number({ minimum: -100, maximum: 100 }),
      {
        additionalProperties: false,
        maxProperties: 1_024,
      },
    ),
  ),
  /** Answers to one prompt. They are written one after the other. */
  n: nullable(Type.Integer({ minimum: 1, maximum: 8 })),
  stop: nullable(
    Type.Union([
      Type.String({ minLength: 1, maxLength: 1000 }),
      Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: 4 }),
    ]),
  ),
  stream: nullable(Type.Boolean()),
  stream_options: nullable(Type.Object({ include_usage: nullable(Type.Boolean()) })),
  /** `metadata.episode_id` joins the interactions of one conversation in the feedback. */
  metadata: Type.Optional(Type.Unknown()),
} as const;

const Generation = Type.Object(generationFields);
export type GenerationFields = Static<typeof Generation>;

/** How the model is to write, without the prompt. */
export function settingsOf(
  body: GenerationFields & { readonly max_completion_tokens?: number | null },
): Omit<GenerateRequest, "prompt"> {
  const { stop } = body;
  return {
    ...given("maxTokens", body.max_completion_tokens ?? body.max_tokens),
    ...given("temperature", body.temperature),
    ...given("topP", body.top_p),
    ...given("topK", body.top_k),
    ...given("minP", body.min_p),
    // Engines take 32 bits; the same seed stays the same seed.
    ...given("seed", typeof body.seed === "number" ? body.seed >>> 0 : null),
    ...given("presencePenalty", body.presence_penalty || null),
    ...given("frequencyPenalty", body.frequency_penalty || null),
    ...given("repetitionPenalty", body.repetition_penalty === 1 ? null : body.repetition_penalty),
    ...given("logitBias", biasesIn(body.logit_bias)),
    ...given("stop", typeof stop === "string" ? [stop] : stop),
  };
}

function biasesIn(asked: GenerationFields["logit_bias"]): GenerateRequest["logitBias"] {
  const biases = Object.entries(asked ?? {}).map(([token, bias]) => [Number(token), bias] as const);
  return biases.length === 0 ? undefined : biases;
}

/** The same again for each further answer. A seed makes each of them another one; chance does where there is none. */
export function repeated(request: GenerateRequest, n: number): readonly GenerateRequest[] {
  return Array.from({ length: n }, (_, index) =>
    request.seed === undefined ? request : { ...request, seed: (request.seed + index) >>> 0 },
  );
}

function given<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

export function episodeOf({ metadata }: GenerationFields): string | undefined {
  if (typeof metadata !== "object" || metadata === null) return undefined;
  if (!("episode_id" in metadata) || typeof metadata.episode_id !== "string") return undefined;
  return metadata.episode_id.slice(0, 200);
}

/** What would be answered wrongly if it were ignored, and the values of it that change nothing. */
const changing: Readonly<Record<string, (value: unknown) => boolean>> = {
  best_of: (value) => value === 1,
  tools: isEmpty,
  functions: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
  function_call: (value) => value === "none" || value === "auto",
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  response_format: (value) =>
    typeof value === "object" && value !== null && "type" in value && value.type === "text",
  modalities: (value) => Array.isArray(value) && value.every((kind) => kind === "text"),
  audio: () => false,
  web_search_options: () => false,
  repeat_penalty: (value) => value === 1,
  echo: (value) => value === false,
  suffix: (value) => value === "",
};

/** Refuses what this gateway cannot do, rather than to answer something else than was asked. */
export function refusedField(body: Readonly<Record<string, unknown>>): ApiError | undefined {
  for (const [field, harmless] of Object.entries(changing)) {
    const value = Object.hasOwn(body, field) ? body[field] : undefined;
    if (value !== undefined && value !== null && !harmless(value)) {
      return unsupported(field, `This server does not support ${field}. Leave it out.`);
    }
  }
  const { stream, stream_options = null, repetition_penalty: repetition = 1 } = body;
  for (const field of ["presence_penalty", "frequency_penalty"])
    if (repetition !== null && repetition !== 1 && body[field])
      return unsupported(
        "repetition_penalty",
        `repetition_penalty does not go together with ${field} here.`,
      );
  if (stream !== true && stream_options !== null) {
    return invalid("stream_options", "stream_options is allowed only when stream is true.");
  }
  return undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
