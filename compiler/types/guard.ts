import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { setInterval } from "node:timers/promises";

/** What the check of types may cost. Beyond it, tsc is stopped. */
export interface TypeLimits {
  /** Milliseconds. */
  readonly timeMs: number;
  /** Bytes. */
  readonly memory: number;
}

/** Why there are no type errors: too long, too much memory, too much said, or tsc died of the definitions. */
export type Stopped = "time" | "memory" | "size" | "crash";

const MEMORY_EVERY_MS = 100;
const PAGE = 4096;

/** Stops a process, and its whole group, when it goes beyond the limits, when `signal` aborts, or when `end` is called. */
export function guard(
  child: ChildProcess,
  { timeMs, memory }: TypeLimits,
  signal: AbortSignal,
): { stopped(): Stopped | undefined; end(): void } {
  let why: Stopped | undefined;
  const over = new AbortController();
  const stop = (reason?: Stopped): void => {
    if (over.signal.aborted) return;
    why = reason;
    over.abort();
    killGroup(child);
  };
  const late = AbortSignal.timeout(timeMs);
  late.addEventListener("abort", () => stop("time"), { signal: over.signal });
  signal.addEventListener("abort", () => stop(), { signal: over.signal });
  if (signal.aborted) stop();
  void watchMemory(child.pid, memory, over.signal).then((much) => much && stop("memory"));
  return { stopped: () => why, end: () => stop() };
}

/** True once the process holds more than `most` bytes; false when it need not be watched any longer. */
async function watchMemory(
  pid: number | undefined,
  most: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const _ of setInterval(MEMORY_EVERY_MS, undefined, { signal, ref: false })) {
      const [, pages] = (await readFile(`/proc/${pid}/statm`, "latin1")).split(" ");
      if (Number(pages) * PAGE > most) return true;
    }
  } catch {
    // The watch was ended; or the process is gone; or this system has no /proc, and time alone limits it.
  }
  return false;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    kill(-pid, "SIGKILL");
  } catch (cause) {
    // Gone between the question and the answer.
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
