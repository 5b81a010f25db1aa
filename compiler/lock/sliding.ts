import type { SlidingAttention } from "./artifact.ts";
import type { Header } from "./header.ts";

/**
 * Of every so many layers, one attends to everything: the last, or the first. Kept in step with llama.cpp's
 * `set_swa_pattern`. An architecture that is not here is planned with full attention, which is never too little.
 */
const patterns: ReadonlyMap<string, { readonly every: number; readonly denseFirst?: true }> =
  new Map([
    ["cohere2", { every: 4 }],
    ["exaone4", { every: 4 }],
    ["gemma-embedding", { every: 6 }],
    ["gemma2", { every: 2 }],
    ["gemma3", { every: 6 }],
    ["gemma3n", { every: 5 }],
    ["gpt-oss", { every: 2 }],
    ["olmo2", { every: 4 }],
    ["plamo3", { every: 8 }],
    ["smallthinker", { every: 4, denseFirst: true }],
  ]);

/** Which layers see only a window; `undefined` when none does. */
export function slidingOf(
  header: Header,
  architecture: string,
  layers: number,
): SlidingAttention | undefined {
  const window = header.countOf(`${architecture}.attention.sliding_window`);
  if (window === undefined) return undefined;
  const written = header.valueOf(`${architecture}.attention.sliding_window_pattern`);
  const every = header.countOf(`${architecture}.attention.sliding_window_pattern`);
  const known = patterns.get(architecture);
  const slides = (layer: number): boolean => {
    if (Array.isArray(written)) return Boolean(written[layer]);
    const step = known === undefined ? undefined : (every ?? known.every);
    if (step === undefined) return false;
    return known?.denseFirst ? layer % step !== 0 : layer % step < step - 1;
  };
  const sliding = Array.from({ length: layers }, (_, layer) => layer).filter(slides);
  return sliding.length === 0 ? undefined : { window, layers: sliding };
}
