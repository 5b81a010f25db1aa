import type { ModelFacts } from "../lock/lock.ts";

export type CacheType = "f16" | "q8_0" | "q4_0";

/** ggml packs the elements of a row into blocks; a float is a block of its own. */
const blocks = {
  f16: { elements: 1, bytes: 2 },
  q8_0: { elements: 32, bytes: 34 },
  q4_0: { elements: 32, bytes: 18 },
} as const satisfies Record<CacheType, { readonly elements: number; readonly bytes: number }>;
/** llama.cpp makes caches of a multiple of so many tokens. */
const CELLS = 256;

/** Bytes of keys and values of one request, over all layers. */
export function cacheOf(
  { layers, kvHeads, keyLength, valueLength, sliding }: ModelFacts,
  context: number,
  batch: number,
  type: CacheType = "f16",
): number {
  const cells = padded(context);
  // A window is kept together with the batch that slides it on, and one token more (llama.cpp's SWA cache).
  const fewer = sliding && Math.min(cells, padded(sliding.window + batch + 1));
  const slides = new Set(sliding?.layers);
  let bytes = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    const heads = typeof kvHeads === "number" ? kvHeads : (kvHeads[layer] ?? 0);
    const tokens = slides.has(layer) ? (fewer ?? cells) : cells;
    bytes += (rowOf(heads * keyLength, type) + rowOf(heads * valueLength, type)) * tokens;
  }
  return bytes;
}

/** Bytes of the keys, or values, of one token in one layer. */
function rowOf(elements: number, type: CacheType): number {
  const block = blocks[type];
  return Math.ceil(elements / block.elements) * block.bytes;
}

function padded(tokens: number): number {
  return Math.ceil(tokens / CELLS) * CELLS;
}
