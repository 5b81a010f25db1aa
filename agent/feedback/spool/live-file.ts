import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, syncFolder, writeAtomic } from "../../disk/disk.ts";
import { bytesOfLines, readLines } from "./lines.ts";
import { liveName } from "./names.ts";

/** The file that samples are appended to. Its name says the first `seq`, so the count goes on even when it is empty. */
export class LiveFile {
  readonly path: string;
  readonly first: number;
  /** The `seq` that the next sample gets. */
  next: number;
  bytes: number;
  /** When its oldest sample was written, in milliseconds since the Unix epoch. */
  since: number | undefined;
  /** When the first of its samples must be gone. */
  expiresAt: number;
  /** Lines that a disk had lost when it was opened. */
  readonly damaged: number;
  readonly #handle: FileHandle;
  /** Bytes lie behind the last whole write. */
  #frayed = false;

  private constructor(
    path: string,
    first: number,
    handle: FileHandle,
    found: Pick<LiveFile, "next" | "bytes" | "since" | "expiresAt" | "damaged">,
  ) {
    this.path = path;
    this.first = first;
    this.#handle = handle;
    this.next = found.next;
    this.bytes = found.bytes;
    this.since = found.since;
    this.expiresAt = found.expiresAt;
    this.damaged = found.damaged;
  }

  /** Opens or makes it, and cuts off what a crash left half written. */
  static async open(folder: string, epoch: string, first: number, now: number): Promise<LiveFile> {
    const path = join(folder, liveName(first));
    const before = await readIfThere(path);
    const { lines, damaged, torn } = readLines(before ?? Buffer.alloc(0), epoch);
    const whole = bytesOfLines(lines);
    if (torn || damaged > 0) await writeAtomic(path, whole);
    const handle = await open(path, "a", 0o600);
    if (before === undefined) await syncFolder(folder);
    const next = (lines.at(-1)?.seq ?? first - 1) + 1;
    const since = lines.length === 0 ? undefined : now;
    const expiresAt = Math.min(...lines.map((line) => line.expiresAt));
    const bytes = whole.length;
    return new LiveFile(path, first, handle, { next, bytes, since, expiresAt, damaged });
  }

  get samples(): number {
    return this.next - this.first;
  }

  /** Returns once the bytes survive a power cut. What it wrote before it threw is no part of the file. */
  async append(bytes: Uint8Array, samples: number, now: number): Promise<void> {
    // Half a line would swallow the next one, and a whole one would be sent though its author was told it was not kept.
    if (this.#frayed) await this.#handle.truncate(this.bytes);
    this.#frayed = true;
    await this.#handle.appendFile(bytes);
    await this.#handle.datasync();
    this.#frayed = false;
    this.bytes += bytes.length;
    this.next += samples;
    this.since ??= now;
  }

  /** The lines that were kept, and nothing that was not. */
  async read(): Promise<Buffer> {
    return (await readFile(this.path)).subarray(0, this.bytes);
  }

  async close(): Promise<void> {
    if (this.#frayed) await this.#handle.truncate(this.bytes);
    await this.#handle.close();
  }
}
