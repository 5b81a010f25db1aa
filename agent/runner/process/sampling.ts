import {
  type LlamaModel,
  type SequenceEvaluateOptions,
  type Token,
  TokenBias,
} from "node-llama-cpp";
import { EngineError, type GenerateRequest } from "../engine.ts";

export interface Sampling {
  readonly options: SequenceEvaluateOptions;
  /** Is told every token of the answer. */
  took(token: Token): void;
}

/** How tokens are drawn. `room`: tokens of a sequence. Throws EngineError. */
export function samplingOf(
  model: LlamaModel,
  prompt: readonly Token[],
  room: number,
  request: GenerateRequest,
): Sampling {
  const { temperature, topP, topK, minP, seed, logitBias } = request;
  const { presencePenalty = 0, frequencyPenalty = 0, repetitionPenalty = 1 } = request;
  const repeating = repetitionPenalty !== 1;
  const penal = repeating || presencePenalty !== 0 || frequencyPenalty !== 0;
  // OpenAI counts what was written; the divisor, which is not OpenAI's, counts what was read as well.
  const punished: Token[] = repeating ? [...prompt] : [];
  return {
    options: {
      temperature: temperature ?? 0,
      ...(topP !== undefined && { topP }),
      ...(topK !== undefined && { topK }),
      ...(minP !== undefined && { minP }),
      ...(seed !== undefined && { seed }),
      ...(logitBias !== undefined && { tokenBias: biasOf(model, logitBias) }),
      ...(penal && {
        repeatPenalty: {
          punishTokens: () => punished,
          // The engine makes its sampler anew whenever this number changes.
          maxPunishTokens: room,
          ...{ penalty: repetitionPenalty, presencePenalty, frequencyPenalty },
        },
      }),
    },
    took(token) {
      if (penal) punished.push(token);
    },
  };
}

function biasOf(model: LlamaModel, biases: NonNullable<GenerateRequest["logitBias"]>): TokenBias {
  const bias = TokenBias.for(model);
  const count = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  for (const [token, logit] of biases) {
    if (token >= count)
      throw new EngineError("unsupported", `The model has no token ${token}: it has ${count}.`);
    if (model.isEogToken(token as Token))
      throw new EngineError(
        "unsupported",
        `The engine has no bias for token ${token}, which ends answers.`,
      );
    bias.set(token as Token, { logit });
  }
  return bias;
}
