import type { ModelFacts } from "../lock/lock.ts";

/** The cache holds 16-bit floats. Bytes. */
const ELEMENT = 2;
/** llama.cpp makes caches of a multiple of so many tokens. */
const CELLS = 256;

/** Bytes of keys and values of one request, over all layers. */
export function cacheOf(
  { layers, kvHeads, keyLength, valueLength, sliding }: ModelFacts,
  context: number,
  batch: number,
): number {
  const cells = padded(context);
  // A window is kept together with the batch that slides it on, and one token more (llama.cpp's SWA cache).
  const fewer = sliding && Math.min(cells, padded(sliding.window + batch + 1));
  const slides = new Set(sliding?.layers);
  let bytes = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    const heads = typeof kvHeads === "number" ? kvHeads : (kvHeads[layer] ?? 0);
    const tokens = slides.has(layer) ? (fewer ?? cells) : cells;
    bytes += heads * (keyLength + valueLength) * ELEMENT * tokens;
  }
  return bytes;
}

function padded(tokens: number): number {
  return Math.ceil(tokens / CELLS) * CELLS;
}
