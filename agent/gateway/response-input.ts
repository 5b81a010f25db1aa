import Type, { type Static } from "typebox";
import type { ChatMessage } from "../runner/runner.ts";
import { type ApiError, invalid, type Read, unsupported } from "./api-error.ts";
import { nullable } from "./request-fields.ts";
import { FunctionName } from "./tool-request.ts";

const Part = Type.Object({
  /** `input_text` of a question, `output_text` of an earlier answer. */
  type: Type.String({ maxLength: 100 }),
  text: Type.Optional(Type.String()),
});
const Words = Type.Union([Type.String(), Type.Array(Part, { maxItems: 1000 })]);
const CallId = Type.String({ minLength: 1, maxLength: 200 });

/** A message, an item of the `output` of an earlier answer, or what a function gave. */
const Item = Type.Object({
  type: nullable(Type.String({ maxLength: 100 })),
  role: nullable(Type.Enum(["system", "developer", "user", "assistant"])),
  content: nullable(Words),
  /** Of `function_call` and `function_call_output`. */
  call_id: nullable(CallId),
  name: nullable(FunctionName),
  arguments: nullable(Type.String()),
  output: nullable(Words),
});
type Item = Static<typeof Item>;

export const ResponseInput = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Array(Item, { minItems: 1, maxItems: 10_000 }),
]);

/** The conversation that a model is to go on with. */
export function readResponseInput(
  input: Static<typeof ResponseInput>,
  instructions: string,
): Read<readonly ChatMessage[]> {
  const messages: ChatMessage[] = [];
  if (instructions !== "") messages.push({ role: "system", content: instructions });
  if (typeof input === "string") messages.push({ role: "user", content: input });
  else {
    const called = new Set<string>();
    for (const [index, item] of input.entries()) {
      const error = take(item, `input[${index}]`, messages, called);
      if (error !== undefined) return { ok: false, error };
    }
  }
  return { ok: true, value: messages };
}

/** Puts an item where it belongs in the conversation. */
function take(
  item: Item,
  at: string,
  messages: ChatMessage[],
  called: Set<string>,
): ApiError | undefined {
  switch (item.type ?? "message") {
    case "message": {
      const { role } = item;
      if (!isGiven(role)) return invalid(`${at}.role`, `${at}.role is missing.`);
      const content = textOf(item.content, `${at}.content`);
      if (!content.ok) return content.error;
      messages.push({ role: role === "developer" ? "system" : role, content: content.value });
      return undefined;
    }
    case "function_call": {
      const { call_id: id, name, arguments: written } = item;
      if (!isGiven(id)) return invalid(`${at}.call_id`, `${at}.call_id is missing.`);
      if (!isGiven(name)) return invalid(`${at}.name`, `${at}.name is missing.`);
      called.add(id);
      const call = { id, type: "function" as const, function: { name, arguments: written ?? "" } };
      const last = messages.at(-1);
      // One answer is several items here, and one message in a conversation.
      if (last?.role === "assistant")
        messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
      else messages.push({ role: "assistant", content: "", toolCalls: [call] });
      return undefined;
    }
    case "function_call_output": {
      const { call_id: id } = item;
      if (!isGiven(id) || !called.has(id))
        return invalid(`${at}.call_id`, `${at}.call_id is the id of a call in an item before it.`);
      const content = textOf(item.output, `${at}.output`);
      if (!content.ok) return content.error;
      messages.push({ role: "tool", content: content.value, toolCallId: id });
      return undefined;
    }
    default: {
      const message = `This server takes messages, calls of functions and their outputs. Leave ${at} out.`;
      return unsupported(`${at}.type`, message);
    }
  }
}

const texts: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);

function textOf(words: Static<typeof Words> | null | undefined, at: string): Read<string> {
  if (typeof words === "string") return { ok: true, value: words };
  const parts: string[] = [];
  for (const [index, { type, text }] of (words ?? []).entries()) {
    if (!texts.has(type) || text === undefined) {
      const message = "This server takes text only. Send parts of type input_text.";
      return { ok: false, error: unsupported(`${at}[${index}].type`, message) };
    }
    parts.push(text);
  }
  return { ok: true, value: parts.join("") };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
