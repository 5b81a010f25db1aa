/**
 * A process of its own: systeminformation forks dozens of tools, and any of them may hang.
 * Prints one line of JSON with what was found out in time.
 */
import si from "systeminformation";
import { systemClock } from "../life/life.ts";

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

const [os, cpu, memory, disks, graphics] = await Promise.all([
  part(si.osInfo()),
  part(si.cpu()),
  part(si.mem()),
  part(si.diskLayout()),
  part(si.graphics()),
]);
over.abort();

const gpus = graphics?.controllers.filter(({ vendor }) =>
  /nvidia|\bamd\b|advanced micro/i.test(vendor),
);
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
  gpus: gpus?.slice(0, 64).map(({ model, vram, memoryTotal, driverVersion }) => {
    const mebibytes = count(memoryTotal) ?? count(vram);
    return {
      model: text(model),
      ...(mebibytes && { memory: mebibytes * 1024 ** 2 }),
      ...(driverVersion && { driver: text(driverVersion) }),
    };
  }),
};
// A tool that still hangs must not keep this process.
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
