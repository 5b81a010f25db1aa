import type { Clock, Conditions, Journal, Service } from "../life/life.ts";
import { amdSource } from "./amd.ts";
import type { GpuSample } from "./gpu-sample.ts";
import { type Asker, type Found, nvidiaSource, nvmlAsker } from "./gpu-source.ts";
import { followStream } from "./gpu-stream.ts";
import { gpuWatch } from "./gpu-watch.ts";

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
  /** Asks NVML first, which tells energy and traffic as well, for 65 MB of memory more. */
  readonly prefersNvml?: boolean;
  /** NVIDIA's library; looked for where distributions lay it when absent. */
  readonly library?: string;
  /** Where the kernel shows graphics cards. */
  readonly cards?: string;
  readonly restartMs?: number;
}

const STALLED = "hardware/probe-stalled";
const FOR_EVER = 2 ** 31 - 1;

/**
 * Asks the drivers by processes that keep printing: a driver that hangs freezes its process and nothing else. One that
 * hangs is not started again, as a second one would hang too; one that has ended is, a few times.
 */
export function gpuProbe(options: GpuProbeOptions): GpuProbe {
  const { everyMs, clock, conditions, journal, restartMs = 5_000 } = options;
  const makers = [nvidia, amd].map((find) => ({ find, watch: gpuWatch(clock, conditions) }));

  const follow = async ({ find, watch }: (typeof makers)[number], signal: AbortSignal) => {
    const found = await find(options, signal);
    if (found.kind === "none" || signal.aborted) return;
    const name = found.kind === "source" ? found.source.name : found.name;
    const silent = (what: string) => {
      watch.forget();
      conditions.raise({
        ...{ code: STALLED, severity: "warning", subject: name },
        message: `${name} ${what}. What the GPUs do is unknown. Look at dmesg, mend the driver, then restart the agent.`,
      });
    };
    if (found.kind === "broken") {
      journal("warn", { event: "hardware/probe-ended", source: name, reason: found.reason });
      silent(`is here but cannot be asked: ${found.reason}`);
      return;
    }
    const heard = (sample: GpuSample) => {
      conditions.clear(STALLED, name);
      watch.heard(sample);
      watch.dropSilent(3 * everyMs);
    };
    await followStream(found.source, { everyMs, clock, journal, restartMs, heard, silent }, signal);
  };

  return {
    samples: () => makers.flatMap(({ watch }) => watch.samples()),
    async service(signal) {
      await Promise.all(makers.map((maker) => follow(maker, signal)));
      // Nothing to watch until the agent ends.
      while (!signal.aborted) await clock.sleep(FOR_EVER, signal);
      for (const { watch } of makers) watch.forget();
    },
  };
}

async function nvidia(
  { everyMs, command = "nvidia-smi", prefersNvml = false, library }: GpuProbeOptions,
  signal: AbortSignal,
): Promise<Found> {
  const smi: Asker = { name: "nvidia-smi", command, arguments: [] };
  const nvml = () => nvmlAsker(library);
  for (const asker of prefersNvml ? [nvml, async () => smi] : [async () => smi, nvml]) {
    const found = await asker();
    if (found === undefined) continue;
    const source = await nvidiaSource(found, everyMs, signal);
    if (source.kind !== "none" || signal.aborted) return source;
  }
  return { kind: "none" };
}

async function amd({ everyMs, cards }: GpuProbeOptions): Promise<Found> {
  const source = await amdSource(everyMs, cards);
  return source === undefined ? { kind: "none" } : { kind: "source", source };
}
