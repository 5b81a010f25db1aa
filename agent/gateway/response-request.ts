import Type, { type Static } from "typebox";
import type { AnswerSchema, ChatMessage } from "../runner/runner.ts";
import { readAnswerFormat } from "./answer-format.ts";
import { type ApiError, invalid, type Read, unsupported } from "./api-error.ts";
import { episodeOf, ModelName, nullable, settingsOf } from "./request-fields.ts";
import { type Task, textMessage } from "./task.ts";

const Part = Type.Object({
  /** `input_text` of a question, `output_text` of an earlier answer. */
  type: Type.String({ maxLength: 100 }),
  text: Type.Optional(Type.String()),
});

/** A message, or an item of the `output` of an earlier answer. */
const Item = Type.Object({
  type: nullable(Type.String({ maxLength: 100 })),
  role: nullable(Type.Enum(["system", "developer", "user", "assistant"])),
  content: nullable(Type.Union([Type.String(), Type.Array(Part, { maxItems: 1000 })])),
});

/** The body of `POST /v1/responses`: what of OpenAI's Responses API is about text. Nothing of it is stored. */
export const ResponseRequest = Type.Object({
  model: ModelName,
  input: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Item, { minItems: 1, maxItems: 10_000 }),
  ]),
  /** Stands before the input, as the system's words. */
  instructions: nullable(Type.String()),
  max_output_tokens: nullable(Type.Integer({ minimum: 1 })),
  /** 0 when absent, as everywhere here. */
  temperature: nullable(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** `format`: text, json_object or json_schema. */
  text: nullable(Type.Object({ format: Type.Optional(Type.Unknown()) })),
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
  tools: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
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
  const messages = readInput(body);
  if (!messages.ok) return messages;
  return {
    ok: true,
    value: {
      format,
      task: {
        name: body.model,
        requests: [
          {
            ...settingsOf({ ...body, max_completion_tokens: body.max_output_tokens ?? null }),
            prompt: { kind: "chat", messages: messages.value },
            ...(schema.value && { schema: schema.value }),
          },
        ],
        input: messages.value.map(({ role, content }) => textMessage(role, content)),
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

function readInput({ input, instructions }: ResponseRequest): Read<readonly ChatMessage[]> {
  const system = instructions ?? "";
  const before = system === "" ? [] : [{ role: "system", content: system }];
  if (typeof input === "string")
    return { ok: true, value: [...before, { role: "user", content: input }] };
  const messages: ChatMessage[] = before;
  for (const [index, item] of input.entries()) {
    const at = `input[${index}]`;
    const { type, role } = item;
    if ((type ?? "message") !== "message")
      return bad(unsupported(`${at}.type`, `This server takes messages only. Leave ${at} out.`));
    if (role === undefined || role === null) return bad(invalid(`${at}.role`, `${at} has a role.`));
    const content = textOf(item, at);
    if (!content.ok) return content;
    messages.push({ role: role === "developer" ? "system" : role, content: content.value });
  }
  return { ok: true, value: messages };
}

const texts: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);

function textOf({ content }: Static<typeof Item>, at: string): Read<string> {
  if (typeof content === "string") return { ok: true, value: content };
  const parts: string[] = [];
  for (const [index, { type, text }] of (content ?? []).entries()) {
    if (!texts.has(type) || text === undefined) {
      const message = "This server takes text only. Send parts of type input_text.";
      return bad(unsupported(`${at}.content[${index}].type`, message));
    }
    parts.push(text);
  }
  return { ok: true, value: parts.join("") };
}

/** `text.format` says flat what `response_format` says one level deeper. */
function readTextFormat(format: unknown): Read<AnswerSchema | undefined> {
  const flat = typeof format === "object" && format !== null && "schema" in format;
  const read = readAnswerFormat(
    flat ? { ...format, json_schema: { schema: format.schema } } : format,
  );
  if (read.ok) return read;
  const here = (text: string) =>
    text.replaceAll(/response_format(?:\.json_schema)?/g, "text.format");
  const { param, message } = read.error;
  return bad({ ...read.error, param: param === null ? null : here(param), message: here(message) });
}

function bad(error: ApiError): Read<never> {
  return { ok: false, error };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && Object.keys(value ?? {}).length === 0;
}
