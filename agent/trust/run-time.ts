import type { Memory } from "./memory.ts";

/** When this version was made; set by whoever releases it. It was never earlier than that where it runs. */
const BUILT = Date.parse("2026-09-01T00:00:00Z");

/** The time of one run of the verification, in milliseconds since the Unix epoch. */
export interface RunTime {
  /** What the machine's clock says. */
  readonly clock: number;
  /** The time cannot be earlier: of the build, and of the last run that accepted something. */
  readonly floor: number;
}

/** At which nothing has expired: for what was accepted before. */
export const BEFORE_ALL_EXPIRY: RunTime = { clock: 0, floor: 0 };

/**
 * A clock that was set back, or lost its battery, makes nothing fresh that had expired before. The floor is only ever a
 * time at which fresh signatures were seen, so that a clock that runs ahead cannot lift it beyond what people signed.
 */
export function runTime(memory: Memory, clock: number): RunTime {
  const seen = memory.kind === "pinned" ? (memory.seen ?? 0) : 0;
  return { clock, floor: Math.max(BUILT, seen) };
}
