import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import {
  type Clock,
  type Conditions,
  type Journal,
  messageOf,
  type Service,
} from "../life/life.ts";
import { type GpuField, type GpuSample, gpuFields, sampleOf } from "./gpu-sample.ts";
import { outputOf } from "./output.ts";

export interface GpuProbe {
  readonly service: Service;
  /** The newest sample of each GPU, by index; empty without GPUs, or when the driver has gone silent. */
  samples(): readonly GpuSample[];
}

export interface GpuProbeOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
  /** Found on PATH when it has no slash. */
  readonly command?: string;
}

const STALLED = "hardware/probe-stalled";
const LOST = "hardware/gpu-lost";
const HELP_MS = 10_000;
/** A driver that nobody keeps awake needs so long for its first word. */
const WAKING_MS = 10_000;
const FOR_EVER = 2 ** 31 - 1;

/**
 * One `nvidia-smi` that keeps printing: a process of its own, so a driver that hangs freezes it and nothing else.
 * Not started again when it hangs: a second one would hang too.
 */
export function gpuProbe({
  everyMs,
  clock,
  conditions,
  journal,
  command = "nvidia-smi",
}: GpuProbeOptions): GpuProbe {
  const newest = new Map<number, { readonly sample: GpuSample; readonly at: number }>();
  const patienceMs = 3 * everyMs;

  const stalled = (what: string) => {
    newest.clear();
    conditions.raise({
      ...{ code: STALLED, severity: "warning" },
      message: `nvidia-smi ${what}. What the GPUs do is unknown. Look at dmesg, mend the driver, then restart the agent.`,
    });
  };

  const hear = (sample: GpuSample) => {
    newest.set(sample.index, { sample, at: clock.now() });
    conditions.clear(STALLED);
    conditions.clear(LOST, sample.uuid);
  };

  /** A GPU that has fallen off the bus is missing among the others. */
  const dropSilent = () => {
    for (const [index, { sample, at }] of newest) {
      if (clock.now() - at <= patienceMs) continue;
      newest.delete(index);
      conditions.raise({
        ...{ code: LOST, severity: "error", subject: sample.uuid },
        message: `GPU ${index} (${sample.uuid}) is no longer reported. Look at dmesg for Xid lines; it may need a reset or the host a reboot.`,
      });
    }
  };

  const watch = async (over: AbortSignal): Promise<void> => {
    const start = clock.now();
    let heardAt: number | undefined;
    while (!over.aborted) {
      await clock.sleep(everyMs, over);
      if (over.aborted) return;
      heardAt = Math.max(0, heardAt ?? 0, ...[...newest.values()].map(({ at }) => at)) || undefined;
      const since = clock.now() - (heardAt ?? start);
      if (since > patienceMs + (heardAt === undefined ? WAKING_MS : 0))
        stalled("has stopped answering: the driver may hang");
      else dropSilent();
    }
  };

  return {
    samples: () =>
      [...newest.values()].map(({ sample }) => sample).sort((a, b) => a.index - b.index),
    async service(signal) {
      const found = await knownFields(command, signal);
      if (found.kind === "fields") {
        const over = new AbortController();
        const watching = watch(AbortSignal.any([signal, over.signal]));
        await listen(command, found.fields, everyMs, hear, signal);
        over.abort();
        await watching;
      }
      if (found.kind !== "no-driver" && !signal.aborted) {
        const what =
          found.kind === "broken" ? `is here but cannot be asked: ${found.reason}` : "has ended";
        journal("warn", { event: "hardware/probe-ended", reason: what });
        stalled(what);
      }
      // Nothing to watch until the agent ends.
      while (!signal.aborted) await clock.sleep(FOR_EVER, signal);
      newest.clear();
    },
  };
}

/** Returns when the driver's process has ended, by itself or by the signal. */
async function listen(
  command: string,
  fields: readonly GpuField[],
  everyMs: number,
  hear: (sample: GpuSample) => void,
  signal: AbortSignal,
): Promise<void> {
  const query = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
  const child = spawn(command, [...query, "-lms", String(everyMs)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const kill = () => child.kill("SIGKILL");
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    // Events of the driver are printed between the samples.
    const sample = sampleOf(line, fields);
    if (sample !== undefined && !signal.aborted) hear(sample);
  });
  await ended;
  lines.close();
  signal.removeEventListener("abort", kill);
}

type Known =
  | { readonly kind: "fields"; readonly fields: readonly GpuField[] }
  | { readonly kind: "no-driver" }
  | { readonly kind: "broken"; readonly reason: string };

/** One unknown field fails the whole query, so only those are asked for that this driver knows. */
async function knownFields(command: string, signal: AbortSignal): Promise<Known> {
  try {
    const help = await outputOf(command, ["--help-query-gpu"], HELP_MS, signal);
    const fields = gpuFields.filter((field) => help.includes(`"${field}"`));
    return fields.includes("index") && fields.includes("uuid")
      ? { kind: "fields", fields }
      : { kind: "broken", reason: "it does not know the fields index and uuid" };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing || signal.aborted) return { kind: "no-driver" };
    return { kind: "broken", reason: messageOf(error) };
  }
}
