import { env } from "node:process";
import type { Inventory, PlannedHardware } from "@millwright/schema";
import { type Clock, type Conditions, type Journal, type Service, together } from "../life/life.ts";
import { gpuProbe } from "./gpu.ts";
import { gpuExtras } from "./gpu-extras.ts";
import type { GpuSample } from "./gpu-sample.ts";
import { inventory } from "./inventory.ts";
import { inventoryWatch } from "./inventory-watch.ts";
import { type ErrorCount, kernelWatch } from "./kernel-watch.ts";

export interface HardwareWatch {
  readonly service: Service;
  gpus(): readonly GpuSample[];
  errors(): readonly ErrorCount[];
  processes(): ReadonlyMap<string, number>;
  inventory(): Promise<Inventory>;
  onInventory(listener: () => void): () => void;
}

export interface HardwareWatchOptions {
  readonly everyMs: number;
  /** From the plan: what the definition says of the host. */
  readonly promised: () => PlannedHardware | undefined;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
  /** That of the agent. */
  readonly signal: AbortSignal;
}

/** All that is watched of the machine, put together. */
export function watchHardware(options: HardwareWatchOptions): HardwareWatch {
  const { clock, conditions, journal } = options;
  // Said in the unit's environment: energy and traffic are worth a process of Node to this host.
  const prefersNvml = env["MILLWRIGHT_GPU_PROBE"] === "nvml";
  const probe = gpuProbe({ ...options, prefersNvml });
  const kernel = kernelWatch({ gpus: probe.samples, clock, conditions, journal });
  const extras = gpuExtras({ gpus: probe.samples, clock });
  const made = inventoryWatch({ ...options, read: inventory });
  return {
    service: (signal) =>
      together([probe.service, kernel.service, extras.service, made.service], signal),
    gpus: probe.samples,
    errors: () => [...kernel.errors(), ...extras.linkErrors()],
    processes: extras.processes,
    inventory: made.newest,
    onInventory: made.onChange,
  };
}
