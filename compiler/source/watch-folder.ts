import { watch } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRead } from "./limits.ts";
import { readFolder } from "./read-folder.ts";
import type { SourceTree } from "./source.ts";

/** Milliseconds without a change before a folder is read: editors and git write several files at once. */
const QUIET = 40;

/** A folder as it lies, and again after each change of its definitions. Ends when `signal` aborts. */
export async function* watchFolder(root: string, signal: AbortSignal): AsyncGenerator<SourceTree> {
  using changes = changesOf(root, signal);
  while (!signal.aborted) {
    // What changes while the folder is read makes it be read again.
    const changed = changes.next();
    yield await readFolder(root, signal);
    changes.throwIfBroken();
    await changed;
    changes.throwIfBroken();
    await quiet(changes, signal);
  }
}

interface Changes extends Disposable {
  /** Resolves at the next change, or when nothing more is watched. Never rejects. */
  next(): Promise<void>;
  /** Throws when the folder cannot be watched any more. */
  throwIfBroken(): void;
}

function changesOf(root: string, signal: AbortSignal): Changes {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let waiting = Promise.withResolvers<void>();
  let broken: { readonly error: unknown } | undefined;
  const tell = () => {
    const told = waiting;
    waiting = Promise.withResolvers();
    told.resolve();
  };
  const follow = async () => {
    try {
      const events = watch(join(root, "factories"), { recursive: true, signal: either });
      // A folder that was moved has no ending that tells what is in it.
      for await (const { filename } of events)
        if (filename === null || isRead(`factories/${filename}`) || !/\.\w+$/.test(filename))
          tell();
    } catch (error) {
      if (!either.aborted) broken = { error };
    } finally {
      tell();
    }
  };
  void follow();
  return {
    next: () => waiting.promise,
    throwIfBroken() {
      if (broken !== undefined) throw broken.error;
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

async function quiet(changes: Changes, signal: AbortSignal): Promise<void> {
  for (;;) {
    const pause = delay(QUIET, "quiet", { signal }).catch(() => "quiet" as const);
    const first = await Promise.race([pause, changes.next().then(() => "change" as const)]);
    if (first === "quiet") return;
  }
}
