import Type, { type Static } from "typebox";
import type { ChatMessage } from "../runner/runner.ts";
import { readAnswerFormat } from "./answer-format.ts";
import { type Read, unsupported } from "./api-error.ts";
import {
  episodeOf,
  generationFields,
  nullable,
  refusedField,
  settingsOf,
} from "./request-fields.ts";
import { type Task, textMessage } from "./task.ts";

const Part = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) });

const InputMessage = Type.Object({
  role: Type.Enum(["system", "developer", "user", "assistant", "tool"]),
  content: nullable(Type.Union([Type.String(), Type.Array(Part, { maxItems: 1000 })])),
  tool_calls: Type.Optional(Type.Unknown()),
});

/** The body of `POST /v1/chat/completions`. */
export const ChatRequest = Type.Object({
  ...generationFields,
  messages: Type.Array(InputMessage, { minItems: 1, maxItems: 10_000 }),
  max_completion_tokens: nullable(Type.Integer({ minimum: 1 })),
  /** `text`, `json_object` or `json_schema`. */
  response_format: Type.Optional(Type.Unknown()),
});
export type ChatRequest = Static<typeof ChatRequest>;

export function readChat(body: ChatRequest): Read<Task> {
  const { response_format, ...rest } = body;
  const error = refusedField(rest);
  if (error !== undefined) return { ok: false, error };
  const schema = readAnswerFormat(response_format);
  if (!schema.ok) return schema;
  const messages: ChatMessage[] = [];
  for (const [index, message] of body.messages.entries()) {
    const content = readContent(message, `messages[${index}]`);
    if (!content.ok) return content;
    // Chat templates know of no developer; it is OpenAI's newer word for the system.
    const role = message.role === "developer" ? "system" : message.role;
    messages.push({ role, content: content.value });
  }
  return {
    ok: true,
    value: {
      name: body.model,
      requests: [
        {
          ...settingsOf(body),
          prompt: { kind: "chat", messages },
          ...(schema.value && { schema: schema.value }),
        },
      ],
      input: messages.map(({ role, content }) => textMessage(role, content)),
      param: "messages",
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      episodeId: episodeOf(body),
    },
  };
}

function readContent(
  { content, tool_calls }: Static<typeof InputMessage>,
  path: string,
): Read<string> {
  if (Array.isArray(tool_calls) && tool_calls.length > 0) {
    const message = "This server does not support tools. Leave tool_calls out.";
    return { ok: false, error: unsupported(`${path}.tool_calls`, message) };
  }
  if (typeof content === "string") return { ok: true, value: content };
  const texts: string[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    if (part.type !== "text" || part.text === undefined) {
      const message = "This server takes text only. Send parts of type text.";
      return { ok: false, error: unsupported(`${path}.content[${index}].type`, message) };
    }
    texts.push(part.text);
  }
  return { ok: true, value: texts.join("") };
}
