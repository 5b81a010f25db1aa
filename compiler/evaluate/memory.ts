import { newRun, type Run } from "./run.ts";
import type { Fields, Value } from "./value.ts";

/**
 * What an evaluation leaves for the next: what each file came to, so that an edit of one file costs that file and
 * those that import it. Only what came to a value without a word is kept; everything else is read again.
 */
export interface Memory {
  /** Functions that are remembered spend from this run and report to it. */
  readonly run: Run;
  readonly files: Map<string, Kept>;
  /** Definitions whose size has been looked at. */
  readonly bounded: WeakSet<Fields>;
}

interface Kept {
  readonly bytes: Uint8Array;
  /** What it got from the files that it imports. */
  readonly imports: ReadonlyMap<string, unknown>;
  readonly result: Result;
  /** Steps of its own, which count again: the budget must not depend on what is remembered. */
  readonly steps: number;
}

/** A file's exports, or its documents. */
export type Result = ReadonlyMap<string, Value> | readonly Value[];

export function newMemory(): Memory {
  return { run: newRun(0), files: new Map(), bounded: new WeakSet() };
}

/** Forgets what is no longer there. */
export function forget({ files }: Memory, paths: ReadonlyMap<string, unknown>): void {
  for (const path of files.keys()) if (!paths.has(path)) files.delete(path);
}

/** Reads files for one run, from memory where nothing has changed. */
export class Recall {
  readonly #run: Run;
  readonly #memory: Memory | undefined;
  /** Steps of files read inside the one that is being read. */
  #inner = 0;

  constructor(run: Run, memory: Memory | undefined) {
    this.#run = run;
    this.#memory = memory;
  }

  /** `imported` gives what a file exports now; `read` reads the file, and tells what it imports. */
  read<T extends Result>(
    path: string,
    bytes: Uint8Array,
    imported: (path: string) => unknown,
    read: (imports: Map<string, unknown>) => T | undefined,
  ): T | undefined {
    const outer = this.#inner;
    this.#inner = 0;
    const before = this.#run.spent;
    const refusals = this.#run.refusals;
    const kept = this.#kept(path, bytes, imported);
    const imports = new Map<string, unknown>();
    const result = kept === undefined ? read(imports) : (kept.result as T);
    if (kept !== undefined) this.#run.spendAgain(kept.steps);
    const all = this.#run.spent - before;
    const isClean = refusals === this.#run.refusals;
    if (kept === undefined && result !== undefined && isClean)
      this.#memory?.files.set(path, { bytes, imports, result, steps: all - this.#inner });
    this.#inner = outer + all;
    return result;
  }

  #kept(path: string, bytes: Uint8Array, imported: (path: string) => unknown): Kept | undefined {
    const kept = this.#memory?.files.get(path);
    if (kept === undefined || !isSame(kept.bytes, bytes)) return undefined;
    for (const [from, exports] of kept.imports) if (imported(from) !== exports) return undefined;
    // Where the budget would end inside, it must end at the same place as without memory.
    return kept.steps <= this.#run.remaining ? kept : undefined;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}
