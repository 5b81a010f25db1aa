import { readFileSync } from "node:fs";

/**
 * A process, known by its number and when it started. Numbers are given again: without the start, a signal meant for
 * a runner that has ended could hit anybody.
 */
export interface Child {
  readonly pid: number;
  /** False for one that waits to be buried, too: it holds no memory any more. */
  isAlive(): boolean;
  /** Nothing happens when it has ended. */
  send(name: "SIGTERM" | "SIGKILL"): void;
}

export function childOf(pid: number): Child {
  const started = startOf(pid);
  const isAlive = () => started !== undefined && startOf(pid) === started;
  return {
    pid,
    isAlive,
    send(name) {
      if (!isAlive()) return;
      try {
        process.kill(pid, name);
      } catch (error) {
        // It has ended in between.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    },
  };
}

/** When a process started, in the kernel's ticks; `undefined` when there is no such process, or only its remains. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // No entry: no process. That is an answer.
    return undefined;
  }
  // proc_pid_stat(5): the name, in parentheses, may hold anything; after it come the state (3) and, as 22, the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}
