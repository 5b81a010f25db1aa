import type { LlamaEmbeddingContext, LlamaModel } from "node-llama-cpp";
import { EngineError } from "../engine.ts";

export interface Embedder {
  embed(
    inputs: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly (readonly number[])[]; readonly inputTokens: number }>;
}

/** Vectors of texts. Its context is made at the first use: most deployments never need it. */
export function embedderOf(model: LlamaModel, contextSize: number, threads: number): Embedder {
  let context: Promise<LlamaEmbeddingContext> | undefined;
  return {
    async embed(inputs, signal) {
      const all = inputs.map((input) => model.tokenize(input));
      const longest = Math.max(0, ...all.map(({ length }) => length));
      if (longest > contextSize) {
        throw new EngineError(
          "prompt-too-long",
          `An input has ${longest} tokens; the context has ${contextSize}.`,
        );
      }
      context ??= model.createEmbeddingContext({ contextSize, threads });
      const embedding = await context;
      const vectors: (readonly number[])[] = [];
      for (const tokens of all) {
        signal.throwIfAborted();
        vectors.push(unit((await embedding.getEmbeddingFor(tokens)).vector));
      }
      return { vectors, inputTokens: all.reduce((sum, { length }) => sum + length, 0) };
    },
  };
}

/** Of length one, as callers of an embeddings API expect: their dot product is the cosine. */
function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
