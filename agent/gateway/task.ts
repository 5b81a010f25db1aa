import type { Message } from "@millwright/schema";
import type { ChatMessage, GenerateRequest } from "../runner/runner.ts";
import { readJson } from "./json-body.ts";

/** One thing to write, as read from a request of either kind. */
export interface Task {
  /** A deployment or a route. */
  readonly name: string;
  /** Each becomes one choice. */
  readonly requests: readonly GenerateRequest[];
  /** So many of them, one after the other, have the same prompt. */
  readonly n: number;
  /** The same in the form in which feedback keeps it. */
  readonly input: readonly Message[];
  /** The field that holds the prompt, for errors. */
  readonly param: "messages" | "prompt" | "input";
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly episodeId: string | undefined;
}

export function textMessage(role: string, content: string): Message {
  return { role, parts: [{ type: "text", content }] };
}

/** A message of a conversation, with the calls of the assistant and the answers of tools as parts of their own. */
export function chatMessage({ role, content, toolCalls = [], toolCallId }: ChatMessage): Message {
  if (toolCallId !== undefined)
    return { role, parts: [{ type: "tool_call_response", id: toolCallId, response: content }] };
  const calls = toolCalls.map(({ id, function: { name, arguments: written } }) =>
    callPart(id, name, written),
  );
  if (calls.length > 0 && content === "") return { role, parts: calls };
  return { role, parts: [{ type: "text", content }, ...calls] };
}

/** Arguments are kept as what they mean; as text where they are broken, or nested beyond what anybody would walk. */
export function callPart(id: string, name: string, written: string): Message["parts"][number] {
  const read = readJson(Buffer.from(written));
  return { type: "tool_call", id, name, arguments: read.ok ? read.value : written };
}
