import type { Kind } from "@millwright/schema";
import type { HistoryStep } from "./history-step.ts";

/** The history of one definition. */
export interface Told {
  readonly kind: "told";
  /** What the name was found to be; absent when it is no more, and was several things. */
  readonly of?: Kind;
  /** Newest first. */
  readonly steps: readonly HistoryStep[];
  readonly end: HistoryEnd;
}

/** Where a history ends, and why. */
export type HistoryEnd =
  /** At the first commit. */
  | "first"
  /** Where the clone breaks off. */
  | "shallow"
  /** With as many steps as were wanted; there may be more. */
  | "more"
  /** So many commits, or so much time, is all that is looked at. */
  | "limit";
