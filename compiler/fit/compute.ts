import type { ModelFacts } from "../lock/lock.ts";
import { type CacheType, cellsOf } from "./cache.ts";

/** Bytes of a 32-bit float, in which the engine computes. */
const FLOAT = 4;
/** The mask says in 16 bits whether a token may see another. Bytes. */
const SEES = 2;
/** Of a model that does not say how wide it gets. None that is known is wider, but for experts, which always say it. */
const WIDEST = 8;

/**
 * Bytes that the engine computes in. Its buffer is used over and over, so what counts is the step that needs most:
 * the output, a line of logits a token; or the widest layer, beside the mask of attention.
 */
export function computeOf(
  facts: ModelFacts,
  context: number,
  batch: number,
  cache: CacheType = "f16",
): number {
  const { vocabulary, embedding, heads, keyLength, valueLength, sliding, experts = 1 } = facts;
  const { feedForward = WIDEST * embedding } = facts;
  // Packed keys are turned before they are kept, so one copy more lives on.
  const output = vocabulary + (cache === "f16" ? 2 : 3) * embedding;
  const keyHeads =
    typeof facts.kvHeads === "number" ? facts.kvHeads : Math.max(...facts.kvHeads, 0);
  const attention = embedding + 3 * heads * keyLength + keyHeads * (keyLength + valueLength);
  const gathered = experts > 1 ? experts * embedding : 0;
  const forward = 4 * embedding + 3 * feedForward + gathered;
  const { full, window } = cellsOf(sliding, context, batch);
  const masks = SEES * (full + window);
  const layer = masks + FLOAT * Math.max(attention, forward);
  // The window of sliding attention wants a token more than the batch.
  return (sliding === undefined ? batch : batch + 1) * Math.max(FLOAT * output, layer);
}
