import type { TextPiece, Usage } from "../runner/runner.ts";
import { type ApiError, bodyOf } from "./api-error.ts";
import { chatLogprobs, completionLogprobs } from "./logprobs-form.ts";
import type { CallPiece, Choice, Piece } from "./transcript.ts";

/** What stands at the head of every answer and of every piece of one. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** What was said, once all of it is. */
export interface Answered {
  readonly choices: readonly Choice[];
  readonly usage: Usage;
}

/** How one endpoint words its answers: whole, or as the events of a stream. */
export interface Form {
  readonly prefix: string;
  /** `gen_ai.operation.name` of the semantic conventions. */
  readonly operation: string;
  /** Events of a stream carry their `type` as their name as well. */
  readonly named: boolean;
  whole(head: Head, said: Answered): object;
  /** `maker`: who answers, to be said in the first event. `includeUsage`: the caller asked for it. */
  stream(head: Head, maker: object, includeUsage: boolean): Wording;
}

/** The events of one stream, in their order. */
export interface Wording {
  opening(): readonly object[];
  piece(piece: Piece): readonly object[];
  /** Nothing comes after these. */
  closing(said: Answered): readonly (object | "[DONE]")[];
  /** Instead of these: the status has gone out long ago. */
  failed(error: ApiError): readonly object[];
}

/** The words of an endpoint that streams one object over and over, a piece of an answer in each. */
interface Chunks {
  readonly prefix: string;
  readonly operation: string;
  whole(head: Head, choices: readonly Choice[]): object;
  /** What comes before the first text of a choice; `undefined` where the API has nothing. */
  opening(head: Head, index: number): object | undefined;
  /** `said`: characters of the choice before it. */
  text(head: Head, piece: TextPiece & { readonly index: number }, said: number): object;
  call(head: Head, piece: CallPiece): object;
  closing(head: Head, index: number, finishReason: string): object;
  /** The last event, when the caller asked for usage: no choices. */
  last(head: Head): object;
}

function chunked(chunks: Chunks): Form {
  const { prefix, operation } = chunks;
  return {
    ...{ prefix, operation, named: false },
    whole: (head, { choices, usage }) => ({
      ...chunks.whole(head, choices),
      usage: usageOf(usage),
    }),
    stream(head, who, includeUsage) {
      // With usage asked for, every event but the last says that it has none yet.
      const shared = includeUsage ? { usage: null } : {};
      let maker: object = { x_millwright: who };
      const worded = (event: object) => {
        const whole = { ...event, ...maker, ...shared };
        maker = {};
        return whole;
      };
      const said: number[] = [];
      const opening = (index: number) => {
        said[index] = 0;
        const event = chunks.opening(head, index);
        return event === undefined ? [] : [worded(event)];
      };
      return {
        opening: () => opening(0),
        piece(piece) {
          const { index } = piece;
          const begun = said[index] === undefined ? opening(index) : [];
          const before = said[index] ?? 0;
          if (piece.kind === "text") said[index] = before + piece.text.length;
          return [...begun, worded(wordsOf(chunks, head, piece, before))];
        },
        closing: ({ usage }) =>
          includeUsage
            ? [{ ...worded(chunks.last(head)), usage: usageOf(usage) }, "[DONE]"]
            : ["[DONE]"],
        failed: (error) => [bodyOf(error)],
      };
    },
  };
}

function wordsOf(chunks: Chunks, head: Head, piece: Piece, said: number): object {
  switch (piece.kind) {
    case "text":
      return chunks.text(head, piece, said);
    case "tool-call":
      return chunks.call(head, piece);
    case "done":
      return chunks.closing(head, piece.index, piece.finishReason);
  }
}

export const chatForm: Form = chunked({
  prefix: "chatcmpl-",
  operation: "chat",
  whole: (head, choices) => ({
    ...{ id: head.id, object: "chat.completion", created: head.created, model: head.model },
    system_fingerprint: head.system_fingerprint,
    choices: choices.map(({ text, calls, logprobs, finishReason }, index) => ({
      index,
      message: {
        role: "assistant",
        content: text === "" && calls.length > 0 ? null : text,
        refusal: null,
        ...(calls.length > 0 && {
          tool_calls: calls.map(({ id, ...called }) => ({
            id,
            type: "function",
            function: called,
          })),
        }),
      },
      logprobs: chatLogprobs(logprobs),
      finish_reason: finishReason,
    })),
  }),
  opening: (head, index) =>
    chatChunk(head, index, { role: "assistant", content: "", refusal: null }, null),
  text: (head, { index, text, logprobs }) =>
    chatChunk(head, index, { content: text }, null, chatLogprobs(logprobs)),
  call: (head, { index, call, id, name, arguments: added }) => {
    const begun = id === undefined ? {} : { id, type: "function" };
    const called = { ...(name !== undefined && { name }), arguments: added };
    const piece = { index: call, ...begun, function: called };
    return chatChunk(head, index, { tool_calls: [piece] }, null);
  },
  closing: (head, index, finishReason) => chatChunk(head, index, {}, finishReason),
  last: (head) => ({ ...head, object: "chat.completion.chunk", choices: [] }),
});

function chatChunk(
  head: Head,
  index: number,
  delta: object,
  reason: string | null,
  logprobs: object | null = null,
): object {
  const choices = [{ index, delta, logprobs, finish_reason: reason }];
  return { ...head, object: "chat.completion.chunk", choices };
}

export const completionForm: Form = chunked({
  prefix: "cmpl-",
  operation: "text_completion",
  whole: (head, choices) => ({
    ...{ ...head, object: "text_completion" },
    choices: choices.map(({ text, logprobs, finishReason }, index) => ({
      ...{ index, text, logprobs: completionLogprobs(logprobs), finish_reason: finishReason },
    })),
  }),
  opening: () => undefined,
  text: (head, { index, text, logprobs }, said) =>
    completionChunk(head, index, text, null, completionLogprobs(logprobs, said)),
  call: () => {
    throw new Error("impossible: a text completion has no tools");
  },
  closing: (head, index, finishReason) => completionChunk(head, index, "", finishReason),
  last: (head) => ({ ...head, object: "text_completion", choices: [] }),
});

function completionChunk(
  head: Head,
  index: number,
  text: string,
  reason: string | null,
  logprobs: object | null = null,
): object {
  const choices = [{ index, text, logprobs, finish_reason: reason }];
  return { ...head, object: "text_completion", choices };
}

function usageOf({ inputTokens, cachedTokens, outputTokens }: Usage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  };
}
