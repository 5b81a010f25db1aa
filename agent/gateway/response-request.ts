import Type, { type Static } from "typebox";
import type { AnswerSchema } from "../runner/runner.ts";
import { readAnswerFormat } from "./answer-format.ts";
import { type ApiError, invalid, type Read, unsupported } from "./api-error.ts";
import { isFields, readHeldSchema } from "./held-schema.ts";
import { episodeOf, ModelName, nullable, settingsOf } from "./request-fields.ts";
import { ResponseInput, readResponseInput } from "./response-input.ts";
import { readResponseTools, responseToolFields } from "./response-tools.ts";
import { chatMessage, type Task } from "./task.ts";

/** The body of `POST /v1/responses`: what of OpenAI's Responses API is about text. Nothing of it is stored. */
export const ResponseRequest = Type.Object({
  model: ModelName,
  input: ResponseInput,
  /** Stands before the input, as the system's words. */
  instructions: nullable(Type.String()),
  max_output_tokens: nullable(Type.Integer({ minimum: 1 })),
  /** 0 when absent, as everywhere here. */
  temperature: nullable(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** `format`: text, json_object or json_schema. */
  text: nullable(Type.Object({ format: Type.Optional(Type.Unknown()) })),
  ...responseToolFields,
  stream: nullable(Type.Boolean()),
  /** `metadata.episode_id` joins the interactions of one conversation in the feedback. It comes back in the answer. */
  metadata: nullable(Type.Object({})),
});
export type ResponseRequest = Static<typeof ResponseRequest>;

type Harmless = (value: unknown) => boolean;
const no: Harmless = () => false;

/** What would be answered wrongly if it were ignored, and the values of it that change nothing. */
const changing: Readonly<Record<string, Harmless>> = {
  store: (value) => value === false,
  background: (value) => value === false,
  previous_response_id: no,
  conversation: no,
  prompt: no,
  include: isEmpty,
  reasoning: (value) => typeof value === "object" && Object.values(value ?? {}).every(isNothing),
  truncation: (value) => value === "disabled",
  top_logprobs: (value) => value === 0,
  context_management: isEmpty,
  // Words of the other endpoints: whoever writes them here means something.
  messages: no,
  max_tokens: no,
  max_completion_tokens: no,
  response_format: no,
  stop: no,
  seed: no,
  ...{ top_k: no, min_p: no, logit_bias: isEmpty },
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  n: (value) => value === 1,
};

/** Reads a request, and what of it the answer repeats. */
export function readResponseRequest(
  body: ResponseRequest,
): Read<{ readonly task: Task; readonly format: object }> {
  const error = refusedField(body);
  if (error !== undefined) return { ok: false, error };
  const format = body.text?.format ?? { type: "text" };
  const schema = readTextFormat(format);
  if (!schema.ok) return schema;
  const tools = readResponseTools(body);
  if (!tools.ok) return tools;
  const messages = readResponseInput(body.input, body.instructions ?? "");
  if (!messages.ok) return messages;
  return {
    ok: true,
    value: {
      format,
      task: {
        name: body.model,
        n: 1,
        requests: [
          {
            ...settingsOf({ ...body, max_completion_tokens: body.max_output_tokens ?? null }),
            ...tools.value,
            prompt: { kind: "chat", messages: messages.value },
            ...(schema.value && { schema: schema.value }),
          },
        ],
        input: messages.value.map(chatMessage),
        param: "input",
        stream: body.stream === true,
        includeUsage: true,
        episodeId: episodeOf(body),
      },
    },
  };
}

function refusedField(body: Readonly<Record<string, unknown>>): ApiError | undefined {
  for (const [field, harmless] of Object.entries(changing)) {
    const value = Object.hasOwn(body, field) ? body[field] : null;
    if (isNothing(value) || harmless(value)) continue;
    const why = hints[field] ?? `This server does not support ${field} in a response.`;
    return unsupported(field, `${why} Leave it out.`);
  }
  return undefined;
}

const hints: Readonly<Record<string, string>> = {
  store: "This server keeps no responses.",
  previous_response_id: "This server keeps no responses: send the whole conversation as input.",
  conversation: "This server keeps no conversations: send the whole of it as input.",
  max_tokens: "It is called max_output_tokens here.",
  max_completion_tokens: "It is called max_output_tokens here.",
  response_format: "It is called text.format here.",
  messages: "They are called input here.",
};

/** `text.format` says flat what `response_format` says one level deeper. */
function readTextFormat(format: unknown): Read<AnswerSchema | undefined> {
  const at = "text.format";
  if (!isFields(format) || format["type"] !== "json_schema") {
    const read = readAnswerFormat(format);
    if (read.ok) return read;
    const param = isFields(format) ? `${at}.type` : at;
    return { ok: false, error: invalid(param, `${param} is text, json_object or json_schema.`) };
  }
  return readHeldSchema(format["schema"], `${at}.schema`, at);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && Object.keys(value ?? {}).length === 0;
}
