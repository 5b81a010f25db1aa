import { readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { EngineError, type GenerateEvent, type GenerateRequest } from "../../engine.ts";
import { refusalOf } from "./refusal.ts";

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** A piece of a call. */
const Call = Type.Object({
  index: Type.Integer({ minimum: 0, maximum: 1_000 }),
  id: Text,
  function: Type.Optional(Type.Object({ name: Text, arguments: Text })),
});

/** One event of a stream, as far as it is looked at: of chat completions and of completions. */
const Chunk = Type.Object({
  choices: Type.Optional(
    Type.Array(
      Type.Object({
        delta: Type.Optional(
          Type.Object({
            content: Text,
            tool_calls: Type.Optional(Type.Union([Type.Null(), Type.Array(Call)])),
          }),
        ),
        text: Text,
        finish_reason: Text,
      }),
    ),
  ),
  usage: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Object({
        prompt_tokens: Type.Number(),
        completion_tokens: Type.Number(),
        prompt_tokens_details: Type.Optional(
          Type.Union([
            Type.Null(),
            Type.Object({
              cached_tokens: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
            }),
          ]),
        ),
      }),
    ]),
  ),
});
type Chunk = Static<typeof Chunk>;

const readChunk = readerOf(Chunk);

/** What has been read of one answer. */
export interface Reading {
  /** Throws EngineError for what is no part of an answer, and for an error in its place. */
  read(event: unknown): readonly GenerateEvent[];
  /** The last event. Throws EngineError when the engine did not say why it stopped. */
  end(): GenerateEvent;
}

export function readingOf(kind: GenerateRequest["prompt"]["kind"]): Reading {
  let usage: Chunk["usage"];
  let reason: string | undefined;
  let pieces = 0;
  return {
    read(event) {
      // Both vLLM and SGLang say in the stream what went wrong once it has begun.
      if (typeof event === "object" && event !== null && "error" in event)
        throw refusalOf(500, JSON.stringify(event));
      const chunk = readChunk(event);
      if (!chunk.ok)
        throw new EngineError(
          "engine-failed",
          `The engine sent an event that is no part of an answer: ${JSON.stringify(event).slice(0, 100)}`,
        );
      usage = chunk.value.usage ?? usage;
      const [choice] = chunk.value.choices ?? [];
      reason = choice?.finish_reason ?? reason;
      const text = (kind === "chat" ? choice?.delta?.content : choice?.text) ?? "";
      const calls = (choice?.delta?.tool_calls ?? []).map(pieceOf);
      if (text === "") return calls;
      pieces += 1;
      return [{ kind: "text", text }, ...calls];
    },
    end() {
      if (reason === undefined)
        throw new EngineError("engine-failed", "The engine ended its answer without a reason.");
      const cached = usage?.prompt_tokens_details?.cached_tokens;
      return {
        kind: "done",
        finishReason: reason === "length" ? "length" : "stop",
        usage: {
          inputTokens: usage?.prompt_tokens ?? 0,
          ...(typeof cached === "number" && { cachedTokens: cached }),
          // An engine that counts nothing sends about a token a piece.
          outputTokens: usage?.completion_tokens ?? pieces,
        },
      };
    },
  };
}

/** Engines say the name in the first piece of a call, and some an empty one in those that follow. */
function pieceOf({ index, id, function: called }: Static<typeof Call>): GenerateEvent {
  return {
    ...{ kind: "tool-call", call: index, arguments: called?.arguments ?? "" },
    ...(called?.name && { name: called.name }),
    ...(id && { callId: id }),
  };
}
