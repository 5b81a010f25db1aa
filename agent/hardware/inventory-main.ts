/** A process of its own: systeminformation forks dozens of tools, and any of them may hang. Prints one line of JSON. */
import si from "systeminformation";

const [os, cpu, memory, disks, graphics] = await Promise.all([
  si.osInfo(),
  si.cpu(),
  si.mem(),
  si.diskLayout(),
  si.graphics(),
]);
const gpus = graphics.controllers.filter(({ vendor }) => /nvidia|amd|advanced micro/i.test(vendor));
process.stdout.write(
  `${JSON.stringify({
    schema: "inventory/1",
    os: { distribution: os.distro, release: os.release, kernel: os.kernel, arch: os.arch },
    cpu: {
      model: `${cpu.manufacturer} ${cpu.brand}`.trim(),
      cores: cpu.cores,
      physicalCores: cpu.physicalCores,
    },
    memory: { bytes: memory.total },
    disks: disks.map(({ name, size }) => ({ model: name, bytes: size ?? 0 })),
    gpus: gpus.map(({ model, vram, memoryTotal, driverVersion }) => ({
      model,
      ...((memoryTotal ?? vram) ? { memory: (memoryTotal ?? vram ?? 0) * 1024 ** 2 } : {}),
      ...(driverVersion ? { driver: driverVersion } : {}),
    })),
  })}\n`,
);
