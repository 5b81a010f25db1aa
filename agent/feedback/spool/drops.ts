import type { SampleKind } from "@millwright/schema";
import type { Conditions } from "../../life/life.ts";

/** What goes first when there is no room for all: what is plentiful before what a person took the time to write. */
export const priorities: Readonly<Record<SampleKind, number>> = {
  interaction: 0,
  implicit: 1,
  rating: 1,
  comment: 2,
  preference: 3,
  correction: 3,
  // Never for want of room: it is a person's right.
  retraction: 4,
};
/** The highest priority that is dropped for want of room. */
export const LAST_TO_DROP = 3;

/** Counts what was lost, for a person to see. The gap in `seq` says the same to the hub. */
export class Drops {
  readonly #conditions: Conditions;
  readonly #counts = new Map<string, number>();

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  add(kinds: readonly SampleKind[], why: "no room" | "not written" | "too large"): void {
    for (const kind of kinds) this.#count(`${kind}, ${why}`, 1);
    if (kinds.length > 0) this.#tell();
  }

  /** Samples that could not even be read. */
  addUnreadable(count: number): void {
    if (count === 0) return;
    this.#count("unreadable, damaged", count);
    this.#tell();
  }

  /** A segment that the hub refused, once too many of them lie about. */
  addRefused(): void {
    this.#count("whole segment, refused by the hub", 1);
    this.#tell();
  }

  #count(what: string, count: number): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  #tell(): void {
    const list = [...this.#counts].map(([what, count]) => `${count} (${what})`).join(", ");
    this.#conditions.raise({
      code: "feedback/dropped",
      severity: "warning",
      message: `Samples of feedback were lost since the agent started: ${list}. Look after the disk of the state folder, and the way to the hub.`,
    });
  }
}
