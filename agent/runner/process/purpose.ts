import type { LlamaModel } from "node-llama-cpp";

type Fields = Readonly<Record<string, unknown>>;

/** llama.cpp's number for a head that scores, in place of a vector. */
const RANK = 4;

/** What the file of a model says of what it is made for. */
export interface Purpose {
  /** It says how it pools its tokens: into a vector, or into a score. */
  readonly pools: boolean;
  readonly ranks: boolean;
  /** It sees a text from both ends, and so cannot write one. */
  readonly encoder: boolean;
}

export function purposeOf({ fileInfo: { metadata }, fileInsights }: LlamaModel): Purpose {
  const { architecture } = metadata.general;
  const own = (metadata as unknown as Fields)[architecture];
  const fields: Fields = typeof own === "object" && own !== null ? (own as Fields) : {};
  const { attention, pooling_type } = fields;
  return {
    pools: pooling_type !== undefined,
    ranks: pooling_type === RANK || fileInsights.supportsRanking,
    encoder:
      typeof attention === "object" &&
      attention !== null &&
      "causal" in attention &&
      attention.causal === false,
  };
}

/**
 * Tokens that an encoder may be given at once. Beyond the places that it was trained for its file holds no numbers,
 * and the engine would end the process.
 */
export function placesOf({ trainContextSize }: LlamaModel, context: number): number {
  return Math.min(context, trainContextSize ?? context);
}
