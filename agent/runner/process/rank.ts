import type { LlamaModel, LlamaRankingContext } from "node-llama-cpp";
import { EngineError, type Ranking, type RerankRequest } from "../engine.ts";
import { placesOf, purposeOf } from "./purpose.ts";
import { textTokens } from "./text-tokens.ts";

export interface Ranker {
  /** Scores each document from 0 to 1. Throws EngineError. */
  rerank(request: RerankRequest, signal: AbortSignal): Promise<Ranking>;
}

/** Scores of documents, by models made for it. Its context is made at the first use: most deployments never need it. */
export function rankerOf(model: LlamaModel, context: number, threads: number): Ranker {
  const contextSize = placesOf(model, context);
  let made: Promise<LlamaRankingContext> | undefined;

  const make = (): Promise<LlamaRankingContext> => {
    made ??= model.createRankingContext({ contextSize, threads }).catch((error: unknown) => {
      // There may be memory the next time.
      made = undefined;
      throw error;
    });
    return made;
  };

  return {
    async rerank({ query, documents }, signal) {
      if (!purposeOf(model).ranks || !model.fileInsights.supportsRanking)
        throw new EngineError(
          "unsupported",
          "This model does not rank documents: its file has no head that scores. Ask a model made for reranking.",
        );
      const ranking = await make();
      const tokensOf = (text: string) => textTokens(model, text, contextSize, "within");
      const asked = tokensOf(query);
      const read = documents.map((document, index) => {
        const tokens = tokensOf(document);
        const length = ranking.calculateInputLength(asked, tokens);
        // The context is rounded up to what kernels like; the model's places are not.
        if (length < contextSize) return { tokens, length };
        throw new EngineError(
          "prompt-too-long",
          `Document ${index} and the query have ${length} tokens; this model takes ${contextSize - 1} at most. Cut it into parts.`,
        );
      });
      const scores: number[] = [];
      for (const { tokens } of read) {
        signal.throwIfAborted();
        const score = await ranking.rank(asked, tokens);
        if (!Number.isFinite(score))
          throw new EngineError("engine-failed", "The model gave a score that is no number.");
        scores.push(score);
      }
      return { scores, inputTokens: read.reduce((sum, { length }) => sum + length, 0) };
    },
  };
}
