import type { TextPiece } from "./engine.ts";

/** Two pieces of text as one. */
export function joinedText<P extends TextPiece>(first: P, second: TextPiece): P {
  const text = first.text + second.text;
  if (first.logprobs === undefined && second.logprobs === undefined) return { ...first, text };
  return { ...first, text, logprobs: [...(first.logprobs ?? []), ...(second.logprobs ?? [])] };
}
