import { statfs } from "node:fs/promises";
import { type Metric, metrics, type Series } from "@millwright/schema";
import { type GpuSample, type ProcSample, readProc } from "../hardware/hardware.ts";

/** What the gateway has counted since its start. */
export interface GatewayNumbers {
  readonly requests: number;
  readonly active: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Reading {
  readonly series: readonly Series[];
  /** One value a series; NaN: unknown just now. */
  readonly values: Float32Array;
}

export interface SensorsOptions {
  /** The disk of this folder is watched. */
  readonly folder: string;
  readonly gpus: () => readonly GpuSample[];
  readonly gateway: () => GatewayNumbers;
}

interface Sources {
  readonly before: ProcSample;
  readonly proc: ProcSample;
  readonly disk: { readonly used: number; readonly limit: number } | undefined;
  readonly gateway: GatewayNumbers;
}

type Read = (sources: Sources) => number | undefined;

/** Which value becomes which series: the one table of what is measured on a host. */
const table: readonly (readonly [Metric, Record<string, string>, Read])[] = [
  [metrics.cpuUtilization, {}, ({ before, proc }) => utilization(before, proc)],
  [metrics.memoryUsage, {}, ({ proc }) => proc.memory?.used],
  [metrics.memoryLimit, {}, ({ proc }) => proc.memory?.limit],
  [metrics.loadAverage, {}, ({ proc }) => proc.load],
  [metrics.filesystemUsage, {}, ({ disk }) => disk?.used],
  [metrics.filesystemLimit, {}, ({ disk }) => disk?.limit],
  [metrics.networkIo, { "network.io.direction": "receive" }, ({ proc }) => proc.network?.received],
  [metrics.networkIo, { "network.io.direction": "transmit" }, ({ proc }) => proc.network?.sent],
  [metrics.diskIo, { "disk.io.direction": "read" }, ({ proc }) => proc.disk?.read],
  [metrics.diskIo, { "disk.io.direction": "write" }, ({ proc }) => proc.disk?.written],
  [metrics.processMemory, {}, () => process.memoryUsage.rss()],
  [metrics.requests, {}, ({ gateway }) => gateway.requests],
  [metrics.requestsInFlight, {}, ({ gateway }) => gateway.active],
  [metrics.requestsFailed, {}, ({ gateway }) => gateway.failed],
  [metrics.inputTokens, {}, ({ gateway }) => gateway.inputTokens],
  [metrics.outputTokens, {}, ({ gateway }) => gateway.outputTokens],
];

const gpuTable: readonly (readonly [Metric, (gpu: GpuSample) => number | undefined])[] = [
  [metrics.gpuUtilization, (gpu) => gpu.utilization],
  [metrics.gpuMemoryUsage, (gpu) => gpu.memoryUsed],
  [metrics.gpuMemoryLimit, (gpu) => gpu.memoryTotal],
  [metrics.temperature, (gpu) => gpu.temperature],
  [metrics.power, (gpu) => gpu.power],
];

/** Reads all sensors. Utilisation is that since the last reading. */
export function sensorsOf({ folder, gpus, gateway }: SensorsOptions): () => Promise<Reading> {
  let before: ProcSample = {};
  return async () => {
    const [proc, disk] = await Promise.all([readProc(), diskOf(folder)]);
    const sources: Sources = { before, proc, disk, gateway: gateway() };
    before = proc;
    const host = table.map(([metric, attributes, read]) => ({
      series: seriesOf(metric, attributes),
      value: read(sources),
    }));
    const each = gpus().flatMap((gpu) =>
      gpuTable.map(([metric, read]) => ({
        series: seriesOf(metric, { "hw.id": gpu.uuid, "hw.type": "gpu" }),
        value: read(gpu),
      })),
    );
    const all = [...host, ...each];
    return {
      series: all.map(({ series }) => series),
      values: Float32Array.from(all, ({ value }) => value ?? Number.NaN),
    };
  };
}

function seriesOf({ name, unit }: Metric, attributes: Record<string, string>): Series {
  return { name, unit, attributes };
}

function utilization(before: ProcSample, { cpu }: ProcSample): number | undefined {
  if (before.cpu === undefined || cpu === undefined || cpu.total === before.cpu.total)
    return undefined;
  return (cpu.busy - before.cpu.busy) / (cpu.total - before.cpu.total);
}

async function diskOf(folder: string): Promise<Sources["disk"]> {
  const found = await statfs(folder).catch(() => undefined);
  if (found === undefined) return undefined;
  const { blocks, bfree, bsize } = found;
  return { used: (blocks - bfree) * bsize, limit: blocks * bsize };
}
