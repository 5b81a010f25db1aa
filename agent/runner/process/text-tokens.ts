import type { LlamaModel, Token } from "node-llama-cpp";
import { EngineError } from "../engine.ts";

/** More characters than any token has, on the average of a text that somebody means. */
const MOST_CHARACTERS = 128;
/** Characters of a token, on the average of any language: enough of a text to see that the rest does not matter. */
const FEW_CHARACTERS = 8;

/**
 * What people wrote, as tokens; never as control tokens. Throws EngineError when it cannot fit `context`.
 * `within`: other tokens stand before it, so none of the space that some vocabularies put before a text belongs there.
 * Tokenising is not interrupted, so a text far too long is refused by its beginning: it would hold up everybody else.
 */
export function textTokens(
  model: LlamaModel,
  text: string,
  context: number,
  place: "start" | "within",
): Token[] {
  if (text.length > context * MOST_CHARACTERS)
    throw tooLong(`${text.length} characters, far more than ${context} tokens`, context);
  if (text.length > context * FEW_CHARACTERS) {
    const { length } = model.tokenize(text.slice(0, context * FEW_CHARACTERS), false);
    if (length > context) throw tooLong(`more than ${length} tokens`, context);
  }
  return model.tokenize(text, false, place === "within" ? "trimLeadingSpace" : undefined);
}

/** `size`: what it has, with its unit. */
export function tooLong(size: string, context: number): EngineError {
  return new EngineError(
    "prompt-too-long",
    `The prompt has ${size}; the context has ${context}, and an answer needs room too. Shorten it, or raise the deployment's context.`,
  );
}
