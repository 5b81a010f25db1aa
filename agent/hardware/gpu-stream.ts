import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Clock, Journal } from "../life/life.ts";
import type { GpuSample } from "./gpu-sample.ts";
import type { GpuSource } from "./gpu-source.ts";
import { endOrLeave } from "./left-behind.ts";

export interface StreamOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Before the first of the new starts; then twice as long each time. */
  readonly restartMs: number;
  readonly heard: (sample: GpuSample) => void;
  /** It says nothing any more. */
  readonly silent: (what: string) => void;
}

/** A driver that nobody keeps awake needs so long for its first word. */
const WAKING_MS = 10_000;
const RESTARTS = 5;
/** What ran so long is another trouble than the last one. */
const STEADY_MS = 600_000;

/**
 * Listens to a source until the signal.
 *
 *   listening ──silence──▶ stalled: said, and waited for; a second process would hang as well
 *      ▲   └────ended────▶ waiting ──at most five times──▶ listening
 *      └──────────────────────┘
 *
 * Returns early when the source has ended once too often.
 */
export async function followStream(
  source: GpuSource,
  options: StreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, journal, restartMs, silent } = options;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const began = clock.now();
    await listen(source, options, signal);
    if (signal.aborted) return;
    if (clock.now() - began > STEADY_MS) attempt = 0;
    journal("warn", { event: "hardware/probe-ended", source: source.name, attempt });
    if (attempt === RESTARTS) {
      silent(`has ended ${RESTARTS + 1} times, and is not started again`);
      return;
    }
    silent("has ended; it is started again");
    await clock.sleep(restartMs * 2 ** attempt, signal);
  }
}

/** Returns when the process has ended, by itself or by the signal. */
async function listen(
  source: GpuSource,
  { everyMs, clock, heard, silent }: StreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(source.command, source.arguments, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  let heardAt = clock.now() + WAKING_MS;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    if (signal.aborted) return;
    for (const sample of source.read(line)) {
      heardAt = clock.now();
      heard(sample);
    }
  });
  const over = new AbortController();
  const watching = watch(AbortSignal.any([signal, over.signal]));
  await endOrLeave(child, ended, signal);
  over.abort();
  await watching;
  lines.close();
  signal.removeEventListener("abort", kill);

  async function watch(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await clock.sleep(everyMs, until);
      if (!until.aborted && clock.now() - heardAt > 3 * everyMs)
        silent("has stopped answering: the driver may hang");
    }
  }
}
