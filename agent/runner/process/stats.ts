import type { EngineStats } from "../engine.ts";
import type { Batches } from "./batches.ts";
import type { Sequences } from "./sequences.ts";

/** What requests have cost since the start, counted while they run. */
export interface Tally {
  active: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

export function emptyTally(): Tally {
  return { active: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
}

export interface Observed {
  /** What holds memory for it. */
  readonly memory: readonly { readonly memoryUsage: EngineStats["memory"] }[];
  readonly sequences: Sequences;
  readonly batches: Batches;
  readonly tally: Tally;
}

/** What there is to say of an engine now. Memory is what it reckons itself. */
export function statsOf({ memory, sequences, batches, tally }: Observed): EngineStats {
  const { batches: batchCount, sequences: batchSequences, tokens: batchTokens } = batches.counts;
  const sum = (of: "ram" | "vram") =>
    memory.reduce((bytes, { memoryUsage }) => bytes + memoryUsage[of], 0);
  return {
    ...{ ...tally, waiting: sequences.waiting(), batches: batchCount },
    ...{ batchSequences, batchTokens },
    memory: { ram: sum("ram"), vram: sum("vram") },
  };
}
