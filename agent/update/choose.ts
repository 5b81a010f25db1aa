import { isNewer } from "./newer.ts";
import { MAX_REASON, type Pointer, type Slot, type SlotName } from "./pointer.ts";

/** So often an agent is started that was never truly up. */
export const MAX_STARTS = 3;
/** So often in a row one that was: it may be the world that fails, but also the disk that its files lie on. */
export const MAX_DEATHS = 10;

export interface Found {
  /** `undefined`: there is none, or it is damaged. */
  readonly pointer: Pointer | undefined;
  /** The version of the agent that the package brought. */
  readonly packaged: string;
  readonly isWhole: (slot: SlotName) => boolean;
  /** The last words of the agent that was started last. */
  readonly words: () => string | undefined;
}

export interface Choice {
  /** `undefined`: the package's own. */
  readonly slot?: Slot;
  /** It has yet to show that it comes up. */
  readonly isTrial: boolean;
  /** What is to be written down before it is started. */
  readonly write?: Pointer;
  /** What to start when that cannot be written: a start that is not counted could go on for ever. */
  readonly otherwise?: Slot;
}

const packageRuns: Choice = { isTrial: false };

/**
 * Which agent is started.
 *
 *   switched ──start──▶ 1 ──start──▶ 2 ──start──▶ 3 ──start──▶ the previous one, for good
 *       └─────────────────┴──── up ──────┴────────────┴──▶ confirmed ──10 starts, never up──▶ the previous one
 */
export function choose({ pointer, packaged, isWhole, words }: Found): Choice {
  if (pointer?.current == null) return packageRuns;
  const { current, previous, confirmed, starts } = pointer;
  // Whoever installs a package by hand means it; a slot is what a plan brought before.
  if (!isNewer(current.version, packaged)) return packageRuns;
  const isThere = previous !== null && isWhole(previous.slot);
  const back = isThere && isNewer(previous.version, packaged) ? previous : undefined;
  const fallBack = (failed: Pointer["failed"]): Choice => ({
    ...(back !== undefined && { slot: back, otherwise: back }),
    isTrial: false,
    write: { current: back ?? null, previous: null, confirmed: true, starts: 0, failed },
  });
  // Somebody has deleted it: it is fetched again when the plan still wants it.
  if (!isWhole(current.slot)) return fallBack(pointer.failed);
  const write = { ...pointer, starts: starts + 1 };
  // What was fetched once is fetched anew when the plan still wants it: that mends what a disk has spoilt.
  if (confirmed)
    return starts < MAX_DEATHS
      ? { slot: current, isTrial: false, write, otherwise: current }
      : fallBack(pointer.failed);
  if (starts < MAX_STARTS) {
    return { slot: current, isTrial: true, write, ...(back !== undefined && { otherwise: back }) };
  }
  const said = words();
  const reason = `it was started ${starts} times and did not come up${said === undefined ? "" : `; its last words: ${said}`}`;
  const { version, digest } = current;
  return fallBack({ version, digest, reason: reason.slice(0, MAX_REASON) });
}
