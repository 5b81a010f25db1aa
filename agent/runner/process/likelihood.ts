import type { LlamaModel, Token } from "node-llama-cpp";
import type { GenerateEvent, TokenLogprob } from "../engine.ts";

/** What the engine tells of a token, where it was asked to. */
export interface Drawn {
  readonly token: Token;
  readonly confidence: number;
  /** The likeliest first. */
  readonly probabilities?: ReadonlyMap<Token, number>;
}

/** As OpenAI has it. */
const NEVER = -9_999;

/** Tells how likely tokens were, beside the text in which they went out. */
export interface Likelihoods {
  /** A token was drawn; all that is written has so many characters with it, and had `before` without. */
  drawn(drawn: Drawn, written: readonly Token[], before: number): void;
  /** Events for so many more characters of what is written. */
  beside(events: readonly GenerateEvent[], length: number): readonly GenerateEvent[];
}

/** `top`: of how many others to tell. */
export function likelihoodsOf(model: LlamaModel, top: number): Likelihoods {
  const waiting: { readonly logprob: TokenLogprob; readonly from: number }[] = [];
  let said = 0;
  const likely = (token: Token, probability: number, written: readonly Token[]) => ({
    token: model.detokenize([token], true, written),
    logprob: probability > 0 ? Math.log(probability) : NEVER,
  });
  return {
    drawn({ token, confidence, probabilities }, written, from) {
      const others = [...(probabilities ?? [])].slice(0, top);
      const logprob = {
        ...likely(token, confidence, written),
        top: others.map(([other, probability]) => likely(other, probability, written)),
      };
      waiting.push({ logprob, from });
    },
    beside(events, length) {
      said += length;
      const out = waiting.findIndex(({ from }) => from >= said);
      const logprobs = waiting.splice(0, out < 0 ? waiting.length : out);
      // Of the tokens of calls the API tells nothing.
      const text = events.findIndex(({ kind }) => kind === "text");
      if (logprobs.length === 0 || text < 0) return events;
      return events.map((event, index) =>
        index === text && event.kind === "text"
          ? { ...event, logprobs: logprobs.map(({ logprob }) => logprob) }
          : event,
      );
    },
  };
}
