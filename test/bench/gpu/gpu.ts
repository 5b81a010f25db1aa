/**
 * `npm run bench -- gpu [--seconds 60] [--json]`: what it costs to watch the GPUs of this machine.
 *
 * In: how long to watch. Out: for each way of asking that there is here (nvidia-smi, NVML, amdgpu): the time to the first
 * sample, what a sample takes of the agent's process, and what the asking process takes itself. On a machine without a
 * GPU that is said, and a script that prints as nvidia-smi does for eight of them stands for it.
 */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stderr } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { type GpuProbeOptions, gpuProbe } from "../../../agent/hardware/hardware.ts";
import { conditionsOf, silentJournal, systemClock } from "../../../agent/life/life.ts";
import type { Figure } from "../bench.ts";
import { fakeDriver } from "./fake-driver.ts";

const EVERY_MS = 100;
const FIRST_WITHIN_MS = 30_000;
const NOWHERE = "/nowhere";
const ways: Readonly<Record<string, Partial<GpuProbeOptions>>> = {
  "nvidia-smi": { library: NOWHERE, cards: NOWHERE },
  NVML: { command: NOWHERE, cards: NOWHERE },
  amdgpu: { command: NOWHERE, library: NOWHERE },
};

export async function benchGpu(seconds: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, way] of Object.entries(ways))
    figures.push(...(await measured(name, way, seconds)));
  if (figures.length > 0) return [...figures, await onceEach()];
  stderr.write(
    "There is no GPU here that can be asked: a script stands for nvidia-smi with eight.\n",
  );
  const folder = await mkdtemp(join(tmpdir(), "mw-gpu-bench-"));
  try {
    const command = join(folder, "nvidia-smi");
    await writeFile(command, fakeDriver(8));
    await chmod(command, 0o755);
    const way = { command, library: NOWHERE, cards: NOWHERE };
    return await measured("script for nvidia-smi", way, seconds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(
  name: string,
  way: Partial<GpuProbeOptions>,
  seconds: number,
): Promise<readonly Figure[]> {
  const conditions = conditionsOf(systemClock);
  const probe = gpuProbe({
    ...{ everyMs: EVERY_MS, clock: systemClock, conditions, journal: silentJournal },
    ...way,
  });
  const end = new AbortController();
  const begun = performance.now();
  const running = probe.service(end.signal);
  try {
    while (probe.samples().length === 0) {
      const isOver = performance.now() - begun > FIRST_WITHIN_MS || (await children()).length === 0;
      // The first look finds no child yet.
      if (isOver && performance.now() - begun > 3_000) return [];
      await delay(5);
    }
    const start = performance.now() - begun;
    await delay(2_000);
    const gpus = probe.samples().length;
    const [child = 0] = await children();
    const before = { ours: process.cpuUsage(), its: await cpuSecondsOf(child) };
    await delay(seconds * 1_000);
    const { user, system } = process.cpuUsage(before.ours);
    const its = (await cpuSecondsOf(child)) - before.its;
    const rounds = (seconds * 1_000) / EVERY_MS;
    const what = `gpu, ${name}, ${gpus} GPUs`;
    return [
      figure(`${what}: start to first sample`, start, "ms"),
      figure(`${what}: agent's processor, a sample of all`, (user + system) / rounds, "us"),
      figure(`${what}: agent's processor, a GPU`, (user + system) / rounds / gpus, "us"),
      figure(`${what}: asking process, a sample of all`, (its / rounds) * 1e6, "us"),
      figure(`${what}: asking process, resident memory`, (await residentOf(child)) / 1e6, "MB"),
    ];
  } finally {
    end.abort();
    await running;
  }
}

/** What it would cost to start the tool for each sample. */
async function onceEach(): Promise<Figure> {
  const begun = performance.now();
  const args = ["--query-gpu=index,utilization.gpu", "--format=csv,noheader"];
  await promisify(execFile)("nvidia-smi", args).catch(() => undefined);
  return figure("gpu, nvidia-smi started for one sample", performance.now() - begun, "ms");
}

function figure(name: string, value: number, unit: string): Figure {
  return { name, value: Math.round(value * 100) / 100, unit };
}

async function children(): Promise<readonly number[]> {
  const tasks = await readdir("/proc/self/task");
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists
    .join(" ")
    .split(" ")
    .filter((text) => text !== "")
    .map(Number);
}

/** proc(5): utime and stime, in hundredths of a second. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
