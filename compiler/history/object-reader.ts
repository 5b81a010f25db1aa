import { once } from "node:events";
import { Failure } from "../failure.ts";
import { startGit } from "../source/source.ts";

/** One object of git. */
export interface GitObject {
  readonly type: string;
  /** Bytes that it has. */
  readonly size: number;
  /** The first of them, as many as were asked for: a copy. */
  readonly bytes: Buffer;
}

/** One `git cat-file --batch` that is asked again and again, for as long as it is open. One question at a time. */
export class ObjectReader implements AsyncDisposable {
  readonly #child: ReturnType<typeof startGit>;
  readonly #ended: Promise<readonly PromiseSettledResult<unknown>[]>;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal;
  #held: Buffer = Buffer.alloc(0);

  constructor(repository: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#child = startGit(repository, ["cat-file", "--batch"], signal);
    // Listened to from the start: an abort reports its error before the output has ended.
    this.#ended = Promise.allSettled([once(this.#child, "close")]);
    this.#child.stdin.on("error", (error) => this.#child.stdout.destroy(error));
    this.#chunks = (this.#child.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** What a name stands for; `undefined` where git has nothing. Bytes beyond `most` are read past, not kept. */
  async read(name: string, most: number): Promise<GitObject | undefined> {
    // A line feed would ask two questions, and all answers after it would belong to other names.
    if (/[\n\0]/.test(name)) throw new Error("impossible: a name of two lines");
    this.#signal.throwIfAborted();
    this.#child.stdin.write(`${name}\n`);
    const head = await this.#line();
    const [, type = "", digits] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(head) ?? [];
    if (digits === undefined) return undefined;
    const size = Number(digits);
    const bytes = await this.#take(size, most);
    await this.#take(1, 0);
    return { type, size, bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }

  async #line(): Promise<string> {
    const parts: Buffer[] = [];
    for (;;) {
      if (this.#held.length === 0) await this.#more();
      const end = this.#held.indexOf(10);
      const part = end < 0 ? this.#held : this.#held.subarray(0, end);
      parts.push(part);
      this.#held = this.#held.subarray(part.length + (end < 0 ? 0 : 1));
      if (end >= 0) return Buffer.concat(parts).toString("latin1");
    }
  }

  async #take(size: number, most: number): Promise<Buffer> {
    const kept: Buffer[] = [];
    let room = most;
    for (let left = size; left > 0; ) {
      if (this.#held.length === 0) await this.#more();
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      if (room > 0) kept.push(part.subarray(0, room));
      room -= part.length;
    }
    return Buffer.concat(kept);
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done !== true) {
      this.#held = value;
      return;
    }
    // A git that was told to stop looks like one that failed.
    this.#signal.throwIfAborted();
    throw new Failure(
      "history/git-failed",
      "git cat-file ended early: is the repository damaged? Run git fsck.",
    );
  }
}
