import type { LlamaEmbeddingContext, LlamaModel, Token } from "node-llama-cpp";
import { EngineError } from "../engine.ts";
import { placesOf, purposeOf } from "./purpose.ts";
import { unit } from "./unit-vector.ts";

export interface Embedder {
  /** One vector of length one for each input. Throws EngineError. */
  embed(
    inputs: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly (readonly number[])[]; readonly inputTokens: number }>;
}

/**
 * Tokens of one input for a model that is not made for embeddings. An input is read in one batch, whose buffers grow
 * with it: beyond this, a request for vectors could take the memory that answers need.
 */
const MOST_TOKENS = 2048;
/** Of these the engine adds two at most, and one place of the context stays free. */
const RESERVED = 3;

/** Vectors of texts. Its context is made at the first use: most deployments never need it. */
export function embedderOf(model: LlamaModel, context: number, threads: number): Embedder {
  const { pools, ranks } = purposeOf(model);
  const contextSize = pools ? placesOf(model, context) : Math.min(context, MOST_TOKENS);
  const most = contextSize - RESERVED;
  let made: Promise<LlamaEmbeddingContext> | undefined;

  const make = (): Promise<LlamaEmbeddingContext> => {
    made ??= model.createEmbeddingContext({ contextSize, threads }).catch((error: unknown) => {
      // There may be memory the next time.
      made = undefined;
      throw error;
    });
    return made;
  };

  const tokensOf = (input: string): Token[] => {
    if (input === "") throw new EngineError("unsupported", "An input is empty: it has no vector.");
    // No token has so many characters: this need not be tokenised, which cannot be interrupted.
    const tokens = input.length > most * 128 ? undefined : model.tokenize(input);
    if (tokens !== undefined && tokens.length <= most) return tokens;
    const size = tokens === undefined ? `${input.length} characters` : `${tokens.length} tokens`;
    throw new EngineError(
      "prompt-too-long",
      `An input has ${size}; this model takes ${most} tokens at most. Cut it into parts.`,
    );
  };

  return {
    async embed(inputs, signal) {
      if (ranks)
        throw new EngineError(
          "unsupported",
          "This model ranks documents and has no vectors. Ask another one.",
        );
      const all = inputs.map(tokensOf);
      const embedding = await make();
      const vectors: (readonly number[])[] = [];
      for (const tokens of all) {
        signal.throwIfAborted();
        vectors.push(unit((await embedding.getEmbeddingFor(tokens)).vector));
      }
      return { vectors, inputTokens: all.reduce((sum, { length }) => sum + length, 0) };
    },
  };
}
