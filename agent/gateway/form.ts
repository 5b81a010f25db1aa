import type { Usage } from "../runner/runner.ts";
import type { Choice } from "./transcript.ts";

/** What stands at the head of every answer and of every piece of one. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** How one endpoint words its answers: whole, or as the events of a stream. */
export interface Form {
  readonly prefix: string;
  /** `gen_ai.operation.name` of the semantic conventions. */
  readonly operation: string;
  whole(head: Head, choices: readonly Choice[]): object;
  /** What comes before the first text; `undefined` where the API has nothing. */
  opening(head: Head): object | undefined;
  text(head: Head, index: number, text: string): object;
  closing(head: Head, index: number, finishReason: string): object;
  /** The last event, when the caller asked for usage: no choices. */
  last(head: Head): object;
}

export const chatForm: Form = {
  prefix: "chatcmpl-",
  operation: "chat",
  whole: (head, choices) => ({
    ...{ id: head.id, object: "chat.completion", created: head.created, model: head.model },
    system_fingerprint: head.system_fingerprint,
    choices: choices.map(({ text, finishReason }, index) => ({
      index,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: null,
      finish_reason: finishReason,
    })),
  }),
  opening: (head) => chatChunk(head, 0, { role: "assistant", content: "", refusal: null }, null),
  text: (head, index, content) => chatChunk(head, index, { content }, null),
  closing: (head, index, finishReason) => chatChunk(head, index, {}, finishReason),
  last: (head) => ({ ...head, object: "chat.completion.chunk", choices: [] }),
};

function chatChunk(head: Head, index: number, delta: object, reason: string | null): object {
  const choices = [{ index, delta, logprobs: null, finish_reason: reason }];
  return { ...head, object: "chat.completion.chunk", choices };
}

export const completionForm: Form = {
  prefix: "cmpl-",
  operation: "text_completion",
  whole: (head, choices) => ({
    ...{ ...head, object: "text_completion" },
    choices: choices.map(({ text, finishReason }, index) => ({
      ...{ index, text, logprobs: null, finish_reason: finishReason },
    })),
  }),
  opening: () => undefined,
  text: (head, index, text) => completionChunk(head, index, text, null),
  closing: (head, index, finishReason) => completionChunk(head, index, "", finishReason),
  last: (head) => ({ ...head, object: "text_completion", choices: [] }),
};

function completionChunk(head: Head, index: number, text: string, reason: string | null): object {
  const choices = [{ index, text, logprobs: null, finish_reason: reason }];
  return { ...head, object: "text_completion", choices };
}

export function usageOf({ inputTokens, outputTokens }: Usage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
