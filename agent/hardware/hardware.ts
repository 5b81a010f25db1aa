/**
 * What the machine is and does, and what is wrong with it.
 *
 * In: /proc, the kernel's log, and tools in processes of their own. Out: an inventory, samples, counts of errors, and
 * conditions with a cure.
 * Promise: a driver or tool that hangs stalls its own process and nothing else; what is unknown is absent, never guessed;
 * nothing is reset from here.
 */
export { type FreeMemory, freeMemory } from "./free.ts";
export { type GpuProbe, type GpuProbeOptions, gpuProbe } from "./gpu.ts";
export { stateOf } from "./gpu-health.ts";
export { type GpuKey, gpuKeys, gpuTable } from "./gpu-metrics.ts";
export type { GpuSample } from "./gpu-sample.ts";
export { inventory } from "./inventory.ts";
export type { ErrorCount } from "./kernel-watch.ts";
export { type ProcSample, readProc } from "./proc.ts";
export { type HardwareWatch, watchHardware } from "./watch.ts";
