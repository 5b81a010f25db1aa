/**
 * A process of its own: systeminformation forks dozens of tools, and any of them may hang.
 * Prints one line of JSON with what was found out in time.
 */
import si from "systeminformation";
import { systemClock } from "../life/life.ts";
import { sampleReader } from "./gpu-sample.ts";
import { outputOf } from "./output.ts";

const LIMIT_MS = 15_000;
const over = new AbortController();

/** `undefined` when it fails or hangs: that part is left out, and the others are told. */
async function part<T>(found: Promise<T>): Promise<T | undefined> {
  const late = systemClock.sleep(LIMIT_MS, over.signal).then(() => undefined);
  return Promise.race([found.catch(() => undefined), late]);
}

const text = (said: string) => said.trim().slice(0, 200);
const count = (said: number | null | undefined) =>
  Number.isSafeInteger(said) && (said ?? -1) >= 0 ? (said ?? undefined) : undefined;

/** NVIDIA's GPUs by their own tool, in the order of their indices: systeminformation knows no UUIDs, and other names. */
async function nvidiaGpus() {
  const fields = ["index", "uuid", "driver_version", "memory.total", "name"];
  const args = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
  const said = await outputOf("nvidia-smi", args, LIMIT_MS, over.signal);
  const samples = said.split("\n").flatMap((line) => sampleReader(fields)(line) ?? []);
  return samples.length === 0 ? undefined : samples;
}

const [os, cpu, memory, disks, graphics, nvidia] = await Promise.all([
  part(si.osInfo()),
  part(si.cpu()),
  part(si.mem()),
  part(si.diskLayout()),
  part(si.graphics()),
  part(nvidiaGpus()),
]);
over.abort();

const others = graphics?.controllers
  .filter(({ vendor }) =>
    (nvidia === undefined ? /nvidia|\bamd\b|advanced micro/i : /\bamd\b|advanced micro/i).test(
      vendor,
    ),
  )
  .map(({ model, vram, memoryTotal, driverVersion }) => {
    const mebibytes = count(memoryTotal) ?? count(vram);
    return {
      model: text(model),
      ...(mebibytes && { memory: mebibytes * 1024 ** 2 }),
      ...(driverVersion && { driver: text(driverVersion) }),
    };
  });
const own = nvidia?.map(({ uuid, model = "NVIDIA", driver, memoryTotal }) => ({
  ...{ uuid, model: text(model) },
  ...(memoryTotal !== undefined && { memory: memoryTotal }),
  ...(driver !== undefined && { driver }),
}));
const gpus = own === undefined ? others : [...own, ...(others ?? [])];
const found = {
  schema: "inventory/1",
  os: os && {
    distribution: text(os.distro),
    release: text(os.release),
    kernel: text(os.kernel),
    arch: text(os.arch),
  },
  cpu: cpu && {
    model: text(`${cpu.manufacturer} ${cpu.brand}`),
    cores: cpu.cores,
    physicalCores: cpu.physicalCores,
  },
  memory: memory && { bytes: memory.total },
  disks: disks
    ?.slice(0, 256)
    .map(({ name, size }) => ({ model: text(name), bytes: count(size) ?? 0 })),
  gpus: gpus?.slice(0, 64),
};
// A tool that still hangs must not keep this process.
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
