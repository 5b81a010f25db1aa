/** Of length one, as callers of an embeddings API expect: their dot product is the cosine. */
export function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
