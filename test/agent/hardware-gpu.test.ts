import { expect, test } from "vitest";
import { sampleOf } from "../../agent/hardware/gpu-sample.ts";
import { eventually, probeOver } from "./hardware-kit.ts";

const fields = ["index", "uuid", "utilization.gpu", "memory.used", "temperature.gpu"] as const;
const MIB = 1024 ** 2;

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
  "[GPU is lost]",
  "",
  "N/A",
  "ERR!",
  "0x1f",
  "1e3",
  "Infinity",
])("a value of “%s” is left out, never guessed", (text) => {
  expect(sampleOf(`0, GPU-a, ${text}, 5, 40`, fields)).toEqual({
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
  expect(sampleOf(line, fields)).toBeUndefined();
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

test("a driver that ends is a condition, and is not started again", async () => {
  const { probe, codes, calls } = await probeOver({ endsAfter: 2 });
  await eventually(() => codes().includes("hardware/probe-stalled"));
  expect(probe.samples()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await calls()).toHaveLength(2);
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
