/**
 * The spool: samples of feedback on this host's disk until the hub has them.
 *
 * In: drafts of samples, already redacted. Out: sealed segments, oldest first.
 * Promise: `append` returns once the sample survives a power cut; `seq` counts without gap or reuse within an epoch,
 * so a gap proves a loss; a torn line is cut off; a folder that was lost begins a new epoch; when there is no room,
 * interactions go before ratings and ratings before corrections, and what goes is counted.
 */
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SampleKind } from "@millwright/schema";
import { readIfThere, syncFolder } from "../../disk/disk.ts";
import {
  type Chance,
  type Clock,
  type Conditions,
  Failure,
  type Journal,
  messageOf,
  uuid7,
} from "../../life/life.ts";
import { type Draft, lineOf, textOfDraft } from "./draft.ts";
import { Drops } from "./drops.ts";
import { LiveFile } from "./live-file.ts";
import { sealedName } from "./names.ts";
import { openEpochs } from "./open-epochs.ts";
import { type SegmentFile, writeSegment } from "./segment-file.ts";
import { type Place, Shelf } from "./shelf.ts";

export type { Draft } from "./draft.ts";

/** Larger samples are refused: a segment of them would not fit what the hub accepts. */
const MAX_SAMPLE = 2 * 1024 ** 2;
const SEGMENT_SAMPLES = 5_000;
/** What waits for a slow disk. Beyond that, samples are refused instead of filling the memory. */
const MAX_WAITING = 16 * 1024 ** 2;
/** A sample waits so long for others, while somebody asks for segments. */
const SEAL_AFTER_MS = 1_000;
/** Even when nobody asks, so that what has expired can be taken out. */
const SEAL_ANYWAY_MS = 3_600_000;
export interface SpoolLimits {
  /** Bytes on disk; 512 MiB when absent. */
  readonly bytes?: number;
  /** Milliseconds for which a sealed segment waits for the hub; 30 days when absent. */
  readonly age?: number;
  /** Plain bytes after which a segment is sealed; 4 MiB when absent. Even incompressible it is what the hub accepts. */
  readonly segment?: number;
}

export interface SpoolRequest {
  readonly folder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
  readonly limits?: SpoolLimits;
}

const standard = { bytes: 512 * 1024 ** 2, age: 30 * 86_400_000, segment: 4 * 1024 ** 2 };

/** A sealed segment with its bytes. */
export interface Segment {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly body: Buffer;
}

interface Waiting {
  readonly text: string;
  readonly size: number;
  readonly kind: SampleKind;
  readonly expiresAt: number;
  readonly kept: () => void;
  readonly failed: (reason: Failure) => void;
}

export class Spool {
  readonly #request: SpoolRequest;
  readonly #limits: Required<SpoolLimits>;
  readonly #drops: Drops;
  readonly #shelf: Shelf;
  readonly #epoch: string;
  #live: LiveFile;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** One thing at a time happens to the files. */
  #turn: Promise<unknown> = Promise.resolve();
  #writing = false;
  #closed = false;

  private constructor(
    request: SpoolRequest,
    epoch: string,
    live: LiveFile,
    segments: readonly SegmentFile[],
  ) {
    this.#request = request;
    this.#limits = { ...standard, ...request.limits };
    this.#drops = new Drops(request.conditions);
    this.#epoch = epoch;
    this.#live = live;
    this.#shelf = new Shelf(request.folder, request.journal, this.#drops, segments);
    this.#drops.addUnreadable(live.damaged);
  }

  static async open(request: SpoolRequest): Promise<Spool> {
    const { folder, clock, chance } = request;
    const now = clock.now();
    const found = await openEpochs(folder, uuid7(now, chance), now);
    const spool = new Spool(request, found.epoch, found.live, found.segments);
    for (const { epoch, live } of found.left) {
      spool.#drops.addUnreadable(live.damaged);
      await spool.#sealFile(epoch, live);
      await live.close();
      await rm(live.path);
    }
    return spool;
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** Returns once the sample is durable. Throws a `Failure` when it was not kept. */
  async append(draft: Draft): Promise<void> {
    const text = textOfDraft(draft);
    const size = Buffer.byteLength(text) + 100;
    if (size > MAX_SAMPLE) {
      this.#drops.add([draft.kind], "too large");
      throw new Failure("feedback/too-large", `A sample has ${MAX_SAMPLE} bytes at most.`);
    }
    if (this.#closed || this.#waitingBytes + size > MAX_WAITING) {
      this.#drops.add([draft.kind], "not written");
      throw new Failure("feedback/cannot-write", "Too much waits for the disk of the spool.");
    }
    this.#waitingBytes += size;
    return new Promise((kept, failed) => {
      const { expiresAt } = draft.governance;
      this.#waiting.push({ text, size, kind: draft.kind, expiresAt, kept, failed });
      this.#write();
    });
  }

  /** The oldest segment; `undefined` when there is nothing to send yet. */
  next(): Promise<Segment | undefined> {
    return this.#alone(async () => {
      const now = this.#request.clock.now();
      const { since } = this.#live;
      const waited = since === undefined ? 0 : now - since;
      const enough = this.#shelf.count === 0 ? SEAL_AFTER_MS : SEAL_ANYWAY_MS;
      if (since !== undefined && waited >= enough) await this.#seal();
      await this.#shelf.tidy(now, this.#limits.age, this.#epoch);
      for (;;) {
        const { oldest } = this.#shelf;
        if (oldest === undefined) return undefined;
        const { epoch, first, last, path } = oldest;
        const body = await readIfThere(path);
        if (body !== undefined) return { epoch, first, last, body };
        // Somebody removed the file. The gap in `seq` says so to the hub.
        await this.#shelf.remove(oldest, this.#epoch);
        this.#drops.addUnreadable(last - first + 1);
      }
    });
  }

  /** The hub has it. */
  committed(place: Place): Promise<void> {
    return this.#alone(() => this.#shelf.remove(place, this.#epoch));
  }

  /** The hub will not have it: set aside until the agent starts again. Says where it lies. */
  refused(place: Place): Promise<string> {
    return this.#alone(() => this.#shelf.setAside(place));
  }

  /** What is not with the hub yet. */
  backlog(): { readonly bytes: number; readonly samples: number } {
    return {
      bytes: this.#shelf.bytes + this.#live.bytes,
      samples: this.#shelf.samples + this.#live.samples,
    };
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#alone(() => this.#flush());
    await this.#alone(() => this.#live.close());
  }

  /** Group commit: whatever came while the disk was busy is written and synced at once. */
  #write(): void {
    if (this.#writing) return;
    this.#writing = true;
    void this.#alone(async () => {
      this.#writing = false;
      await this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch: Waiting[] = [];
      try {
        if (this.#live.bytes >= this.#limits.segment || this.#live.samples >= SEGMENT_SAMPLES) {
          await this.#seal();
        }
        batch.push(...this.#batch());
        const lines = batch.map(({ text }, index) =>
          lineOf(text, this.#epoch, this.#live.next + index),
        );
        const bytes = Buffer.from(lines.join(""), "utf8");
        await this.#live.append(bytes, batch.length, this.#request.clock.now());
        this.#live.expiresAt = Math.min(
          this.#live.expiresAt,
          ...batch.map(({ expiresAt }) => expiresAt),
        );
        this.#request.conditions.clear("feedback/cannot-write");
        for (const { kept } of batch) kept();
      } catch (error) {
        this.#giveUp(batch.length > 0 ? batch : this.#batch(), error);
      }
    }
  }

  /** What fits the live file, at least one. */
  #batch(): readonly Waiting[] {
    const room = this.#limits.segment - this.#live.bytes;
    let bytes = 0;
    let count = 0;
    for (const { size } of this.#waiting) {
      if (count > 0 && (bytes + size > room || count >= SEGMENT_SAMPLES)) break;
      bytes += size;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  #giveUp(batch: readonly Waiting[], cause: unknown): void {
    const reason = messageOf(cause);
    const message = `The spool cannot write feedback: ${reason}. Make room on the disk of ${this.#request.folder}.`;
    this.#request.journal("error", { event: "feedback/cannot-write", reason });
    this.#request.conditions.raise({ code: "feedback/cannot-write", severity: "error", message });
    this.#drops.add(
      batch.map(({ kind }) => kind),
      "not written",
    );
    const failure = new Failure("feedback/cannot-write", message, { cause });
    for (const { failed } of batch) failed(failure);
  }

  /** Turns the live file into a segment and begins the next. The segment is durable before the file goes. */
  async #seal(): Promise<void> {
    const old = this.#live;
    const folder = join(this.#request.folder, this.#epoch);
    const sealed = await this.#sealFile(this.#epoch, old);
    try {
      this.#live = await LiveFile.open(folder, this.#epoch, old.next, this.#request.clock.now());
    } catch (error) {
      // The old file goes on, and the segment would soon lack what it gets.
      await this.#shelf.remove(sealed, this.#epoch);
      throw error;
    }
    await old.close();
    await rm(old.path);
    await syncFolder(folder);
    const { bytes } = this.#limits;
    // A tenth more than needed, so that not every segment from now on costs a round of dropping.
    if (this.#shelf.bytes > bytes) await this.#shelf.shrink(bytes * 0.9, this.#epoch);
  }

  async #sealFile(epoch: string, live: LiveFile): Promise<SegmentFile> {
    const { first, expiresAt } = live;
    const last = live.next - 1;
    const path = join(dirname(live.path), sealedName(first, last));
    const bytes = await writeSegment(path, await live.read());
    const sealedAt = this.#request.clock.now();
    const segment = { epoch, first, last, path, bytes, sealedAt, expiresAt, shed: -1 };
    this.#shelf.add(segment);
    return segment;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
