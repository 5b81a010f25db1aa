import { statfs } from "node:fs/promises";
import { type Metric, metrics, type Series } from "@millwright/schema";
import {
  type ErrorCount,
  type GpuKey,
  type GpuSample,
  gpuKeys,
  gpuTable,
  type ProcSample,
  readProc,
  stateOf,
} from "../hardware/hardware.ts";

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
  /** What parts have told of errors, beside what GPUs count themselves. */
  readonly errors?: () => readonly ErrorCount[];
  /** Processes on a GPU, by its UUID. */
  readonly processes?: () => ReadonlyMap<string, number>;
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

/** Reads all sensors. Utilisation is that since the last reading. */
export function sensorsOf({
  folder,
  gpus,
  errors = () => [],
  processes = () => new Map(),
  gateway,
}: SensorsOptions): () => Promise<Reading> {
  let before: ProcSample = {};
  const gpuSensors = sensorsOfGpus();
  return async () => {
    const [proc, disk] = await Promise.all([readProc(), diskOf(folder)]);
    const sources: Sources = { before, proc, disk, gateway: gateway() };
    before = proc;
    const host = table.map(([metric, attributes, read]) => ({
      series: seriesOf(metric, attributes),
      value: read(sources),
    }));
    const all = [
      ...host,
      ...gpus().flatMap((gpu) => gpuSensors(gpu, processes().get(gpu.uuid))),
      ...errors().map(({ id, type, error, count }) => ({
        series: seriesOf(metrics.hardwareErrors, {
          ...{ "hw.id": id, "hw.type": type, "error.type": error },
        }),
        value: count,
      })),
    ];
    return {
      series: all.map(({ series }) => series),
      values: Float32Array.from(all, ({ value }) => value ?? Number.NaN),
    };
  };
}

interface Sensor {
  readonly series: Series;
  readonly value: number | undefined;
}

/** One series for each value that the GPU has ever told: what a driver never tells has none, what it tells no more is NaN. */
function sensorsOfGpus(): (gpu: GpuSample, processes: number | undefined) => readonly Sensor[] {
  const told = new Map<string, Set<GpuKey>>();
  return (gpu, processes) => {
    const keys = told.get(gpu.uuid) ?? new Set();
    told.set(gpu.uuid, keys);
    for (const key of gpuKeys) if (gpu[key] !== undefined) keys.add(key);
    const own = {
      ...{ "hw.id": gpu.uuid, "hw.type": "gpu" },
      ...(gpu.model !== undefined && { "hw.model": gpu.model }),
      ...(gpu.driver !== undefined && { "hw.driver_version": gpu.driver }),
    };
    const state = stateOf(gpu);
    return [
      ...gpuKeys
        .filter((key) => keys.has(key))
        .map((key) => ({
          series: seriesOf(gpuTable[key].metric, { ...own, ...gpuTable[key].attributes }),
          value: gpu[key],
        })),
      ...(["ok", "degraded", "failed"] as const).map((each) => ({
        series: seriesOf(metrics.hardwareStatus, { ...own, "hw.state": each }),
        value: Number(each === state),
      })),
      ...(processes === undefined
        ? []
        : [{ series: seriesOf(metrics.gpuProcesses, own), value: processes }]),
    ];
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
