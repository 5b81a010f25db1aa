/**
 * What the machine is and does.
 *
 * In: /proc, and tools in processes of their own. Out: an inventory, and samples.
 * Promise: a driver or tool that hangs stalls its own process and nothing else; what is unknown is absent, never guessed.
 */
export { type GpuProbe, type GpuProbeOptions, gpuProbe } from "./gpu.ts";
export type { GpuSample } from "./gpu-sample.ts";
export { inventory } from "./inventory.ts";
export { type ProcSample, readProc } from "./proc.ts";
