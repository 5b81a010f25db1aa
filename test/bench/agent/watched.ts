/** A process seen from outside, as the kernel counts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";

export interface Watched extends AsyncDisposable {
  /** In bytes: resident, and its share where pages are shared with others. */
  memory(): { readonly memory: number; readonly share: number };
  /** What it has used of the processor so far. */
  cpuSeconds(): number;
  /** The most, in bytes, that a process it started has had resident. */
  peakOfChildren(): number;
  stop(): Promise<void>;
}

/** Often enough for a process that lives for a second, seldom enough not to be in its way. */
const LOOK_EVERY_MS = 20;

export function watched(node: string, args: readonly string[], log: string): Watched {
  const output = openSync(log, "a");
  const child = spawn(node, args, { stdio: ["ignore", output, output] });
  closeSync(output);
  const ended = once(child, "exit");
  const own = `/proc/${child.pid}`;
  let peak = 0;
  const looking = setInterval(() => {
    for (const pid of childrenOf(own))
      peak = Math.max(peak, bytesIn(`/proc/${pid}/status`, "VmHWM"));
  }, LOOK_EVERY_MS);
  const stop = async () => {
    clearInterval(looking);
    child.kill("SIGTERM");
    await ended;
  };
  return {
    stop,
    memory: () => ({
      memory: bytesIn(`${own}/status`, "VmRSS"),
      share: bytesIn(`${own}/smaps_rollup`, "Pss"),
    }),
    cpuSeconds() {
      // After the name, which may hold spaces: utime and stime are the 12th and 13th, in hundredths of a second.
      const fields = readFileSync(`${own}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    peakOfChildren: () => peak,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop();
    },
  };
}

function childrenOf(own: string): readonly string[] {
  return textOf(() =>
    readdirSync(`${own}/task`)
      .map((task) => textOf(() => readFileSync(`${own}/task/${task}/children`, "utf8")))
      .join(" "),
  )
    .split(" ")
    .filter((pid) => pid !== "");
}

function bytesIn(file: string, field: string): number {
  const text = textOf(() => readFileSync(file, "utf8"));
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** Nothing from a process that has just ended. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
