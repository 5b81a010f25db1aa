import { expect, test } from "vitest";
import { sampleReader } from "../../agent/hardware/gpu-sample.ts";
import { eventually, probeOver } from "./hardware-kit.ts";

const fields = ["index", "uuid", "utilization.gpu", "memory.used", "temperature.gpu"];
const sampleOf = sampleReader(fields);
const MIB = 1024 ** 2;

/** As a driver of version 610 writes it, in part. */
const h200 = {
  ...{ index: "0", uuid: "GPU-a", "pci.bus_id": "00000000:83:00.0" },
  ...{ driver_version: "610.43.02", name: "NVIDIA H200, 141GB" },
  ...{ "utilization.gpu": "98", "utilization.memory": "40" },
  ...{ "utilization.encoder": "0", "utilization.decoder": "0" },
  ...{ "memory.total": "143771", "memory.used": "100000" },
  ...{ "temperature.gpu": "38", "temperature.memory": "41" },
  ...{ "power.draw.instant": "83.25", "power.draw": "80", "enforced.power.limit": "700.00" },
  ...{ "clocks.current.sm": "345", "clocks.current.memory": "3201" },
  "clocks_event_reasons.active": "0x0000000000000044",
  ...{ "ecc.errors.corrected.volatile.total": "3", "ecc.errors.uncorrected.volatile.total": "0" },
  ...{ "remapped_rows.correctable": "1", "remapped_rows.uncorrectable": "0" },
  ...{ "remapped_rows.pending": "0", "remapped_rows.failure": "No" },
  "retired_pages.pending": "[Requested functionality has been deprecated]",
  ...{ "pcie.link.gen.gpucurrent": "5", "pcie.link.width.current": "16" },
  ...{ persistence_mode: "Enabled", "mig.mode.current": "Disabled" },
  ...{ gpu_recovery_action: "None", "fabric.state": "Completed" },
};

test("samples are read as one driver process prints them, and it ends with the probe", async () => {
  const lines = ["1, GPU-b, 0, 0, 81559, 30, 70", "0, GPU-a, 50, 1024, 81559, 40, 100.5"];
  const { probe, calls, pids, stop } = await probeOver({ lines });
  await eventually(() => probe.samples().length === 2);
  expect(probe.samples()).toEqual([
    {
      ...{ index: 0, uuid: "GPU-a", utilization: 0.5, temperature: 40, power: 100.5 },
      ...{ memoryUsed: 1024 * MIB, memoryTotal: 81_559 * MIB },
    },
    expect.objectContaining({ index: 1, uuid: "GPU-b" }),
  ]);
  await stop();
  expect(await calls()).toEqual([
    "--help-query-gpu",
    "--query-gpu=index,uuid,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw --format=csv,noheader,nounits -lms 100",
  ]);
  for (const pid of await pids()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("only fields that this driver knows are asked for", async () => {
  const { probe, calls } = await probeOver({
    knows: ["index", "uuid", "memory.used"],
    lines: ["0, GPU-a, 7"],
  });
  await eventually(() => probe.samples().length === 1);
  expect((await calls())[1]).toContain("--query-gpu=index,uuid,memory.used ");
  expect(probe.samples()).toEqual([{ index: 0, uuid: "GPU-a", memoryUsed: 7 * MIB }]);
});

test("a host without a driver has no GPUs and no complaint", async () => {
  const { probe, codes, stop } = await probeOver(undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(probe.samples()).toEqual([]);
  expect(codes()).toEqual([]);
  await stop();
});

test("events that the driver prints between samples are no samples", async () => {
  const { probe } = await probeOver({
    lines: [
      "0, GPU-a, 50, 1024, 81559, 40, 100.5",
      "ECC error: GPU 00000000:61:00.0, uncorrected",
      "Xid 79, GPU has fallen off the bus",
      "a, b, c, d, e, f, g",
    ],
  });
  await eventually(() => probe.samples().length > 0);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(probe.samples().map(({ uuid }) => uuid)).toEqual(["GPU-a"]);
});

test.each([
  "[N/A]",
  "[Not Supported]",
  "[Insufficient Permissions]",
  "[Requested functionality has been deprecated]",
  "[Unknown Error]",
  "[GPU is lost]",
  "",
  "N/A",
  "ERR!",
  "0x1f",
  "1e3",
  "Infinity",
])("a value of “%s” is left out, never guessed", (text) => {
  expect(sampleOf(`0, GPU-a, ${text}, 5, 40`)).toEqual({
    ...{ index: 0, uuid: "GPU-a", memoryUsed: 5 * MIB, temperature: 40 },
  });
});

test.each([
  "",
  "0",
  "x, GPU-a, 1, 2, 3",
  "-1, GPU-a, 1, 2, 3",
  "0, , 1, 2, 3",
  "0, [GPU is lost], 1, 2, 3",
  "0, GPU-a, 1, 2, 3, 4",
  "0, GPU-a, 1, 2",
])("“%s” is no sample of a GPU", (line) => {
  expect(sampleOf(line)).toBeUndefined();
});

test("a driver that hangs is a condition, and is not started again; its old values are not shown", async () => {
  const { probe, codes, calls } = await probeOver({ hangsAfter: 2 });
  await eventually(() => probe.samples().length === 1);
  expect(codes()).toEqual([]);
  await eventually(() => codes().includes("hardware/probe-stalled"));
  expect(probe.samples()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await calls()).toHaveLength(2);
});

test("a driver that ends is a condition, and is started again: five times, and no more", async () => {
  const { probe, codes, calls, conditions } = await probeOver({ endsAfter: 1 }, { everyMs: 20 });
  await eventually(() => codes().includes("hardware/probe-stalled"));
  await eventually(async () => (await calls()).length === 7);
  await eventually(() => conditions.list()[0]?.message.includes("has ended 6 times") ?? false);
  expect(probe.samples()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await calls()).toHaveLength(7);
});

test("a driver that comes back after it has ended is no condition any more", async () => {
  const { codes, calls } = await probeOver({ endsAfter: 3 }, { everyMs: 50 });
  await eventually(() => codes().includes("hardware/probe-stalled"));
  await eventually(() => codes().length === 0);
  expect((await calls()).length).toBeGreaterThan(2);
});

test("all that a driver of today tells is read, by the names that it knows", async () => {
  const { probe, calls } = await probeOver({ gpus: [h200] });
  await eventually(() => probe.samples().length === 1);
  expect(probe.samples()).toEqual([
    {
      ...{ index: 0, uuid: "GPU-a", model: "NVIDIA H200, 141GB", driver: "610.43.02" },
      pci: "0000:83:00.0",
      ...{ utilization: 0.98, encoder: 0, decoder: 0, bandwidth: 0.4 },
      ...{ memoryUsed: 100_000 * MIB, memoryTotal: 143_771 * MIB },
      ...{ temperature: 38, memoryTemperature: 41, power: 83.25, powerLimit: 700 },
      ...{ clock: 345e6, memoryClock: 3201e6 },
      ...{ powerCapped: 1, slowed: 0, softHot: 0, hot: 1, braked: 0 },
      ...{ corrected: 3, uncorrected: 0, rowsCorrected: 1, rowsUncorrected: 0 },
      ...{ rowsPending: 0, rowsFailed: 0, pcieGeneration: 5, pcieWidth: 16 },
      ...{ persistence: 1, mig: 0, recovery: 0, fabric: 3 },
    },
  ]);
  const [, query] = await calls();
  expect(query).not.toContain("millwright.");
  expect(query).toMatch(/,name --format/);
});

test("a driver from before the reasons were renamed is asked by the old names", async () => {
  const { probe, calls } = await probeOver({
    gpus: [
      {
        ...{ index: "0", uuid: "GPU-a", "clocks_throttle_reasons.active": "0x0000000000000020" },
        ...{ "power.draw": "61.5", "clocks.sm": "1410 MHz", "remapped_rows.pending": "Yes" },
      },
    ],
  });
  await eventually(() => probe.samples().length === 1);
  expect((await calls())[1]).toContain("clocks_throttle_reasons.active");
  expect(probe.samples()).toEqual([
    {
      ...{ index: 0, uuid: "GPU-a", power: 61.5, clock: 1410e6, rowsPending: 1 },
      ...{ powerCapped: 0, slowed: 0, softHot: 1, hot: 0, braked: 0 },
    },
  ]);
});

test("eight GPUs are eight samples, in the order of their indices", async () => {
  const gpus = Array.from({ length: 8 }, (_, index) => ({
    ...h200,
    ...{ index: String(7 - index), uuid: `GPU-${7 - index}` },
  }));
  const { probe } = await probeOver({ gpus });
  await eventually(() => probe.samples().length === 8);
  expect(probe.samples().map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a GPU that falls off the bus is a condition of its own; the others are still shown", async () => {
  const lost = Array.from({ length: 7 }, () => "[GPU is lost]").join(", ");
  const { probe, codes } = await probeOver({
    lines: ["0, GPU-a, 50, 1024, 81559, 40, 100.5", "1, GPU-b, 50, 1024, 81559, 40, 100.5"],
    later: ["0, GPU-a, 50, 1024, 81559, 40, 100.5", lost],
  });
  await eventually(() => probe.samples().length === 2);
  await eventually(() => codes().includes("hardware/gpu-lost"));
  expect(codes()).toEqual(["hardware/gpu-lost"]);
  expect(probe.samples().map(({ uuid }) => uuid)).toEqual(["GPU-a"]);
});

test("a driver that does not even list its fields is a condition, not a host without GPUs", async () => {
  const { codes, calls } = await probeOver({ knows: [] });
  await eventually(() => codes().includes("hardware/probe-stalled"));
  expect(await calls()).toEqual(["--help-query-gpu"]);
});
