import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Clock, Conditions, Journal, Service } from "../life/life.ts";

/** One GPU at one instant. Absent: the driver does not say. */
export interface GpuSample {
  readonly index: number;
  readonly uuid: string;
  readonly utilization?: number;
  /** Bytes. */
  readonly memoryUsed?: number;
  readonly memoryTotal?: number;
  /** Degrees Celsius. */
  readonly temperature?: number;
  /** Watts. */
  readonly power?: number;
}

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

const wanted = [
  "index",
  "uuid",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
] as const;
type Field = (typeof wanted)[number];

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
  let newest = new Map<number, GpuSample>();
  let heardAt = 0;

  const listen = async (fields: readonly Field[], signal: AbortSignal): Promise<void> => {
    const child = spawn(
      command,
      [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits", "-lms", String(everyMs)],
      { stdio: ["ignore", "pipe", "ignore"], signal, killSignal: "SIGKILL" },
    );
    const ended = once(child, "close").catch(() => undefined);
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const sample = sampleOf(line, fields);
        // Events of the driver are printed between the samples.
        if (sample === undefined) continue;
        heardAt = clock.now();
        newest.set(sample.index, sample);
        conditions.clear("hardware/probe-stalled");
      }
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  };

  const watch: Service = async (signal) => {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal);
      if (signal.aborted || clock.now() - heardAt <= 3 * everyMs + 5_000) continue;
      newest = new Map();
      conditions.raise({
        code: "hardware/probe-stalled",
        severity: "warning",
        message:
          "nvidia-smi has stopped answering: the driver may hang. What the GPUs do is unknown; look at dmesg.",
      });
    }
  };

  return {
    samples: () => [...newest.values()].sort((a, b) => a.index - b.index),
    async service(signal) {
      const fields = await knownFields(command, signal);
      if (fields === undefined) {
        // No driver, no GPUs: nothing to watch until the agent ends.
        await clock.sleep(2 ** 31 - 1, signal);
        return;
      }
      heardAt = clock.now();
      const over = new AbortController();
      const watching = watch(AbortSignal.any([signal, over.signal]));
      await listen(fields, signal).catch(() => undefined);
      if (!signal.aborted) {
        journal("warn", { event: "hardware/probe-ended" });
        conditions.raise({
          code: "hardware/probe-stalled",
          severity: "warning",
          message:
            "nvidia-smi has ended. What the GPUs do is unknown until the agent is restarted.",
        });
        newest = new Map();
        await clock.sleep(2 ** 31 - 1, signal);
      }
      over.abort();
      await watching;
    },
  };
}

/** One unknown field fails the whole query, so only those are asked for that this driver knows. `undefined`: no driver here. */
async function knownFields(
  command: string,
  signal: AbortSignal,
): Promise<readonly Field[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ["--help-query-gpu"], {
      timeout: 10_000,
      killSignal: "SIGKILL",
      maxBuffer: 1_000_000,
      signal,
    });
    return wanted.filter((field) => stdout.includes(`"${field}"`));
  } catch {
    // Not installed, or it failed: either way nothing can be asked of it.
    return undefined;
  }
}

/** `undefined` for a line that is no sample. Values that the driver does not give (`[N/A]`, `[GPU is lost]`) are left out. */
export function sampleOf(line: string, fields: readonly Field[]): GpuSample | undefined {
  const values = line.split(",").map((value) => value.trim());
  if (values.length !== fields.length) return undefined;
  const text = (field: Field) => values[fields.indexOf(field)] ?? "";
  const number = (field: Field, factor = 1) => {
    const value = /^-?\d+(\.\d+)?$/.test(text(field)) ? Number(text(field)) : undefined;
    return value === undefined ? undefined : value * factor;
  };
  const index = number("index");
  if (index === undefined || !Number.isInteger(index)) return undefined;
  const said = {
    utilization: number("utilization.gpu", 0.01),
    memoryUsed: number("memory.used", 1024 ** 2),
    memoryTotal: number("memory.total", 1024 ** 2),
    temperature: number("temperature.gpu"),
    power: number("power.draw"),
  };
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { index, uuid: text("uuid"), ...known };
}
