import { readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { EngineError, type GenerateEvent, type GenerateRequest } from "../../engine.ts";
import { refusalOf } from "./refusal.ts";

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** One event of a stream, as far as it is looked at: of chat completions and of completions. */
const Chunk = Type.Object({
  choices: Type.Optional(
    Type.Array(
      Type.Object({
        delta: Type.Optional(Type.Object({ content: Text })),
        text: Text,
        finish_reason: Text,
      }),
    ),
  ),
  usage: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Object({ prompt_tokens: Type.Number(), completion_tokens: Type.Number() }),
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
      if (text === "") return [];
      pieces += 1;
      return [{ kind: "text", text }];
    },
    end() {
      if (reason === undefined)
        throw new EngineError("engine-failed", "The engine ended its answer without a reason.");
      return {
        kind: "done",
        finishReason: reason === "length" ? "length" : "stop",
        usage: {
          inputTokens: usage?.prompt_tokens ?? 0,
          // An engine that counts nothing sends about a token a piece.
          outputTokens: usage?.completion_tokens ?? pieces,
        },
      };
    },
  };
}
