import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GpuSample } from "./gpu-sample.ts";

/** Bytes that can be had now, as far as they are known. */
export interface FreeMemory {
  readonly memory?: number;
  /** By index. */
  readonly gpus: ReadonlyMap<number, number>;
}

/** Free main memory: what the kernel would give without swapping, and no more than the control groups leave. */
export async function freeMemory(
  gpus: readonly Pick<GpuSample, "index" | "memoryUsed" | "memoryTotal">[],
  root = "/",
): Promise<FreeMemory> {
  const read = (path: string) => readFile(join(root, path), "utf8").catch(() => undefined);
  const meminfo = await read("proc/meminfo");
  const available = /^MemAvailable: +(\d+) kB$/m.exec(meminfo ?? "")?.[1];
  const bounds = [
    ...(available === undefined ? [] : [Number(available) * 1024]),
    ...(await leftInGroups(read)),
  ];
  return {
    ...(bounds.length > 0 && { memory: Math.min(...bounds) }),
    gpus: new Map(
      gpus.flatMap(({ index, memoryUsed, memoryTotal }) =>
        memoryUsed === undefined || memoryTotal === undefined
          ? []
          : [[index, memoryTotal - memoryUsed] as const],
      ),
    ),
  };
}

/** Groups lie in one another, and each may set a limit (cgroup v2, `memory.max`). What is only cached can be had. */
async function leftInGroups(
  read: (path: string) => Promise<string | undefined>,
): Promise<readonly number[]> {
  const own = /^0::(\/.*)$/m.exec((await read("proc/self/cgroup")) ?? "")?.[1] ?? "/";
  const parts = own.split("/").filter((part) => part !== "" && part !== "..");
  const groups = [...parts.keys(), parts.length].map((depth) => parts.slice(0, depth).join("/"));
  const left = await Promise.all(
    groups.map(async (group) => {
      const at = (file: string) => read(join("sys/fs/cgroup", group, file));
      const [max, current, stat] = await Promise.all(
        ["memory.max", "memory.current", "memory.stat"].map(at),
      );
      const limit = Number(max?.trim() || Number.NaN);
      const used = Number(current?.trim() || Number.NaN);
      if (!Number.isFinite(limit) || !Number.isFinite(used)) return [];
      const cached = Number(/^inactive_file (\d+)$/m.exec(stat ?? "")?.[1] ?? 0);
      return [Math.max(0, limit - used + cached)];
    }),
  );
  return left.flat();
}
