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

/** Whether keys and values can be packed at all: the engine wants each head to fill its blocks. */
export function packs({ keyLength, valueLength }: ModelFacts): boolean {
  return [keyLength, valueLength].every((size) => size % blocks.q8_0.elements === 0);
}

/** Bytes of keys and values of one request, over all layers. */
export function cacheOf(
  { layers, kvHeads, keyLength, valueLength, sliding }: ModelFacts,
  context: number,
  batch: number,
  type: CacheType = "f16",
): number {
  const { full, window } = cellsOf(sliding, context, batch);
  const slides = new Set(sliding?.layers);
  let bytes = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    const heads = typeof kvHeads === "number" ? kvHeads : (kvHeads[layer] ?? 0);
    const tokens = slides.has(layer) ? window : full;
    bytes += (rowOf(heads * keyLength, type) + rowOf(heads * valueLength, type)) * tokens;
  }
  return bytes;
}

/** Tokens that a layer remembers of one request: with full attention, and of a window; 0 where there is none. */
export function cellsOf(
  sliding: ModelFacts["sliding"],
  context: number,
  batch: number,
): { readonly full: number; readonly window: number } {
  const full = padded(context);
  if (sliding === undefined) return { full, window: 0 };
  // A window is kept together with the batch that slides it on, and one token more (llama.cpp's SWA cache).
  return { full, window: Math.min(full, padded(sliding.window + batch + 1)) };
}

/** Bytes of the keys, or values, of one token in one layer. */
function rowOf(elements: number, type: CacheType): number {
  const block = blocks[type];
  return Math.ceil(elements / block.elements) * block.bytes;
}

function padded(tokens: number): number {
  return Math.ceil(tokens / CELLS) * CELLS;
}
