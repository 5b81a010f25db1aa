import { rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Journal, messageOf } from "../../life/life.ts";
import { type Drops, LAST_TO_DROP, priorities } from "./drops.ts";
import type { Line } from "./lines.ts";
import { refusedName } from "./names.ts";
import { type SegmentFile, thin } from "./segment-file.ts";

/** Segments that the hub refused and that a person may look at. */
const MAX_ASIDE = 64;

/** Where a segment lies. */
export type Place = Pick<SegmentFile, "epoch" | "first">;

/** The sealed segments, oldest first: how much they are, and which of them go when. One call at a time. */
export class Shelf {
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #drops: Drops;
  readonly #segments: SegmentFile[];
  readonly #aside: string[] = [];

  constructor(folder: string, journal: Journal, drops: Drops, segments: readonly SegmentFile[]) {
    this.#folder = folder;
    this.#journal = journal;
    this.#drops = drops;
    this.#segments = [...segments];
  }

  get oldest(): SegmentFile | undefined {
    return this.#segments[0];
  }

  get count(): number {
    return this.#segments.length;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get samples(): number {
    return this.#segments.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  add(segment: SegmentFile): void {
    this.#segments.push(segment);
  }

  /** Removes a segment, and the folder of an epoch that is over once it is empty. */
  async remove(place: Place, current: string): Promise<void> {
    const segment = this.#take(place);
    if (segment === undefined) return;
    await rm(segment.path, { force: true });
    const { epoch } = segment;
    if (epoch === current || this.#segments.some((other) => other.epoch === epoch)) return;
    await rmdir(join(this.#folder, epoch)).catch((error: NodeJS.ErrnoException) => {
      // Refused segments stay.
      if (error.code !== "ENOTEMPTY") throw error;
    });
  }

  /** Puts a segment where nobody sends it. Says where it lies. */
  async setAside(place: Place): Promise<string> {
    const segment = this.#take(place);
    if (segment === undefined) return "";
    const { path } = segment;
    const aside = join(dirname(path), refusedName(basename(path)));
    await rename(path, aside);
    this.#aside.push(aside);
    const oldest = this.#aside.length > MAX_ASIDE ? this.#aside.shift() : undefined;
    if (oldest !== undefined) {
      await rm(oldest, { force: true });
      this.#drops.addRefused();
    }
    return aside;
  }

  /** Forgets what must be forgotten, and what nobody fetched for too long: of one segment, so that none waits long. */
  async tidy(now: number, age: number, current: string): Promise<void> {
    const isOld = ({ sealedAt }: SegmentFile) => now - sealedAt > age;
    const due = this.#segments.find((segment) => isOld(segment) || segment.expiresAt <= now);
    if (due === undefined) return;
    // What expired was not lost: it was to be forgotten.
    if (isOld(due)) await this.#thin(due, () => false, true, current);
    else await this.#thin(due, ({ expiresAt }) => expiresAt > now, false, current);
  }

  /** Drops the least important samples first, the oldest of them first, until no more than so many bytes are left. */
  async shrink(bytes: number, current: string): Promise<void> {
    for (let priority = 0; priority <= LAST_TO_DROP; priority += 1) {
      for (const segment of [...this.#segments]) {
        if (this.bytes <= bytes) return;
        if (segment.shed >= priority) continue;
        segment.shed = priority;
        await this.#thin(segment, ({ kind }) => priorities[kind] > priority, true, current);
      }
    }
  }

  async #thin(
    segment: SegmentFile,
    keep: (line: Line) => boolean,
    lost: boolean,
    current: string,
  ): Promise<void> {
    try {
      const { dropped, empty } = await thin(segment, keep);
      const kinds = dropped.map(({ kind }) => kind);
      if (lost) this.#drops.add(kinds, "no room");
      if (empty) await this.remove(segment, current);
    } catch (error) {
      const reason = messageOf(error);
      this.#journal("error", { event: "feedback/damaged", path: segment.path, reason });
      await this.setAside(segment);
    }
  }

  /** Out of the list, so that nothing is done to it twice. */
  #take({ epoch, first }: Place): SegmentFile | undefined {
    const at = this.#segments.findIndex((file) => file.epoch === epoch && file.first === first);
    return at < 0 ? undefined : this.#segments.splice(at, 1)[0];
  }
}
