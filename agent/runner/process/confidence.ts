/** How sure a model is of what it writes: the geometric mean of the probabilities of its tokens. */
export interface Confidence {
  take(probability: number): void;
  /** `undefined` before the first token. */
  mean(): number | undefined;
}

export function confidence(): Confidence {
  let sum = 0;
  let count = 0;
  return {
    take(probability) {
      // A token that was drawn had some probability, whatever rounding made of it.
      sum += Math.log(Math.min(1, Math.max(Number.MIN_VALUE, probability)));
      count += 1;
    },
    mean: () => (count === 0 ? undefined : Math.exp(sum / count)),
  };
}
