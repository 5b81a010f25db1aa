import Type, { type Static } from "typebox";
import type { ChatMessage } from "../runner/runner.ts";
import { readAnswerFormat } from "./answer-format.ts";
import { invalid, type Read, unsupported } from "./api-error.ts";
import {
  episodeOf,
  generationFields,
  nullable,
  refusedField,
  repeated,
  settingsOf,
} from "./request-fields.ts";
import { chatMessage, type Task } from "./task.ts";
import { InputToolCalls, readToolCalls, readTools, toolFields } from "./tool-request.ts";

const Part = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) });

const InputMessage = Type.Object({
  role: Type.Enum(["system", "developer", "user", "assistant", "tool"]),
  content: nullable(Type.Union([Type.String(), Type.Array(Part, { maxItems: 1000 })])),
  /** Of an assistant. */
  tool_calls: InputToolCalls,
  /** Of a tool: which call it answers. */
  tool_call_id: nullable(Type.String({ minLength: 1, maxLength: 200 })),
});

/** The body of `POST /v1/chat/completions`. */
export const ChatRequest = Type.Object({
  ...generationFields,
  messages: Type.Array(InputMessage, { minItems: 1, maxItems: 10_000 }),
  max_completion_tokens: nullable(Type.Integer({ minimum: 1 })),
  /** `text`, `json_object` or `json_schema`. */
  response_format: Type.Optional(Type.Unknown()),
  ...toolFields,
  logprobs: nullable(Type.Boolean()),
  top_logprobs: nullable(Type.Integer({ minimum: 0, maximum: 20 })),
});
export type ChatRequest = Static<typeof ChatRequest>;

export function readChat(body: ChatRequest): Read<Task> {
  const { response_format, tools: _, tool_choice: __, logprobs, top_logprobs, ...rest } = body;
  const error = refusedField(rest);
  if (error !== undefined) return { ok: false, error };
  const schema = readAnswerFormat(response_format);
  if (!schema.ok) return schema;
  if (typeof top_logprobs === "number" && logprobs !== true)
    return no("top_logprobs", "is allowed only when logprobs is true");
  const tools = readTools(body);
  if (!tools.ok) return tools;
  const messages = readMessages(body.messages);
  if (!messages.ok) return messages;
  return {
    ok: true,
    value: {
      name: body.model,
      requests: repeated(
        {
          ...settingsOf(body),
          ...tools.value,
          prompt: { kind: "chat", messages: messages.value },
          ...(schema.value && { schema: schema.value }),
          ...(logprobs === true && { logprobs: top_logprobs ?? 0 }),
        },
        body.n ?? 1,
      ),
      n: body.n ?? 1,
      input: messages.value.map(chatMessage),
      param: "messages",
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      episodeId: episodeOf(body),
    },
  };
}

function readMessages(asked: ChatRequest["messages"]): Read<readonly ChatMessage[]> {
  const messages: ChatMessage[] = [];
  const called = new Set<string>();
  for (const [index, message] of asked.entries()) {
    const at = `messages[${index}]`;
    const content = readContent(message, at);
    if (!content.ok) return content;
    const calls = readToolCalls(message.tool_calls, at);
    if (!calls.ok) return calls;
    const said = { role: message.role, content: content.value };
    if (message.role === "assistant" && calls.value.length > 0) {
      for (const { id } of calls.value) called.add(id);
      messages.push({ ...said, toolCalls: calls.value });
    } else if (calls.value.length > 0) {
      return no(`${at}.tool_calls`, "stand in messages of the assistant only");
    } else if (message.role === "tool") {
      const { tool_call_id: id } = message;
      if (typeof id !== "string" || !called.has(id))
        return no(`${at}.tool_call_id`, "is the id of a call in a message before it");
      messages.push({ ...said, toolCallId: id });
    } else {
      // Chat templates know of no developer; it is OpenAI's newer word for the system.
      messages.push(message.role === "developer" ? { ...said, role: "system" } : said);
    }
  }
  return { ok: true, value: messages };
}

function no(param: string, is: string): Read<never> {
  return { ok: false, error: invalid(param, `${param} ${is}.`) };
}

function readContent({ content }: Static<typeof InputMessage>, path: string): Read<string> {
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
