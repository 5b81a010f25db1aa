import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { Inventory, readerOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { inventory, readProc } from "../../agent/hardware/hardware.ts";
import { cpuOf, diskOf, loadOf, memoryOf, networkOf } from "../../agent/hardware/proc.ts";
import { driverIn, eventually } from "./hardware-kit.ts";

const never = new AbortController().signal;

test("the inventory of this machine is found, and is of its schema", async () => {
  const found = await inventory(never);
  expect(readerOf(Inventory)(found)).toEqual({ ok: true, value: found });
  expect(found.cpu?.cores).toBeGreaterThan(0);
  expect(found.memory?.bytes).toBeGreaterThan(totalmem() * 0.9);
  expect(found.os?.kernel).not.toBe("");
});

test("GPUs of NVIDIA are in the inventory as their own tool has them, with UUID and driver", async () => {
  const gpu = {
    ...{ driver_version: "590.48.01", "memory.total": "143771", name: "NVIDIA H200" },
  };
  const gpus = ["GPU-a", "GPU-b"].map((uuid, index) => ({ ...gpu, index: String(index), uuid }));
  const { folder } = await driverIn({ gpus });
  const path = env["PATH"];
  env["PATH"] = `${folder}:${path}`;
  onTestFinished(async () => {
    env["PATH"] = path;
    await rm(folder, { recursive: true, force: true });
  });
  const found = await inventory(never);
  const known = { model: "NVIDIA H200", memory: 143_771 * 1024 ** 2, driver: "590.48.01" };
  expect(found.gpus).toEqual([
    { ...known, uuid: "GPU-a" },
    { ...known, uuid: "GPU-b" },
  ]);
});

async function probeFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mw-inventory-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "probe.mjs");
  await writeFile(path, text);
  return path;
}

test.each([
  ["hangs", "setInterval(() => undefined, 1000); process.on('SIGTERM', () => undefined);"],
  ["dies", "process.abort();"],
  ["says nothing", ""],
  ["says what is no JSON", "console.log('{');"],
  ["says what is no inventory", `console.log('{"schema":"inventory/1","memory":{"bytes":-1}}');`],
  [
    "says more than anybody wants",
    "for (let at = 0; at < 100; at += 1) console.log('x'.repeat(100_000));",
  ],
])("a probe that %s leaves the host unknown, and harms nobody", async (_what, text) => {
  const main = await probeFile(text);
  expect(await inventory(never, { main, limitMs: 700 })).toEqual({ schema: "inventory/1" });
});

test("a probe that hangs in a tool takes the tool with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mw-tool-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const note = join(folder, "pid");
  const main = await probeFile(`
    import { spawn } from "node:child_process";
    import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(note)}, String(spawn("sleep", ["60"]).pid));
    setInterval(() => undefined, 1000);`);
  const stop = new AbortController();
  const found = inventory(stop.signal, { main, limitMs: 20_000 });
  const noted = () => readFile(note, "utf8").catch(() => "");
  await eventually(async () => (await noted()) !== "");
  stop.abort();
  await expect(found).rejects.toThrow(/abort/);
  const pid = Number(await readFile(note, "utf8"));
  await eventually(async () =>
    /^State:\tZ/m.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tZ")),
  );
});

test("a probe that is stopped stops at once", async () => {
  const main = await probeFile("setInterval(() => undefined, 1000);");
  const stop = new AbortController();
  const found = inventory(stop.signal, { main, limitMs: 20_000 });
  stop.abort();
  await expect(found).rejects.toThrow(/abort/);
});

test("this machine's /proc is read, and says what can be so", async () => {
  const { cpu, memory, load, network, disk } = await readProc();
  expect(cpu?.total).toBeGreaterThan(cpu?.busy ?? Number.POSITIVE_INFINITY);
  expect(memory?.limit).toBeGreaterThan(memory?.used ?? Number.POSITIVE_INFINITY);
  expect(load).toBeGreaterThanOrEqual(0);
  expect(network?.received).toBeGreaterThanOrEqual(0);
  expect(disk?.read).toBeGreaterThanOrEqual(0);
});

test("waiting is not working, and guests are not counted twice", () => {
  expect(cpuOf("cpu  10 1 5 80 4 0 0 2 7 1\ncpu0 1 1 1 1 1\n")).toEqual({ busy: 18, total: 102 });
});

test("memory that can be had at once is not in use", () => {
  expect(memoryOf("MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    400 kB\n")).toEqual({
    used: 600 * 1024,
    limit: 1000 * 1024,
  });
});

test("loopback is no traffic; names of interfaces may touch their numbers", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0:1000 2 0 0 0 0 0 0 70 3 0 0 0 0 0 0
 wlan0: 5 2 0 0 0 0 0 0 6 3 0 0 0 0 0 0
`;
  expect(networkOf(text)).toEqual({ received: 1005, sent: 76 });
});

test("disks are counted once: no partitions, no loops, nothing stacked on them", () => {
  const line = (name: string) => `   8  0 ${name} 1 2 10 4 5 6 20 8 0 0 0`;
  const names = [
    "sda",
    "sda1",
    "nvme0n1",
    "nvme0n1p2",
    "loop0",
    "dm-0",
    "md127",
    "vdb",
    "vdb3",
    "mmcblk0",
    "mmcblk0p1",
  ];
  expect(diskOf(names.map(line).join("\n"))).toEqual({ read: 4 * 5120, written: 4 * 10_240 });
});

test.each([cpuOf, memoryOf, loadOf])("text that is not of the kernel says nothing: %s", (read) => {
  expect(read("")).toBeUndefined();
  expect(read("nonsense: NaN kB\n")).toBeUndefined();
});
