/** What is said of a GPU's state, and the tables from which it follows. */
import { metrics } from "@millwright/schema";
import { expect, test } from "vitest";
import { ailmentsOf } from "../../agent/hardware/gpu-health.ts";
import { gpuWatch } from "../../agent/hardware/gpu-watch.ts";
import { type GpuSample, gpuKeys, gpuTable, stateOf } from "../../agent/hardware/hardware.ts";
import { nvmlReadings } from "../../agent/hardware/nvml.ts";
import { conditionsOf } from "../../agent/life/life.ts";
import { leapingClock } from "./clock-kit.ts";

const well: GpuSample = {
  ...{ index: 3, uuid: "GPU-a", model: "NVIDIA H200", persistence: 1, recovery: 0, fabric: 3 },
  ...{ rowsPending: 0, rowsFailed: 0, pagesPending: 0, uncorrected: 0, hot: 0, braked: 0, mig: 0 },
};

test("a GPU that is well, or tells nothing, has no ailments", () => {
  expect(ailmentsOf(well)).toEqual([]);
  expect(stateOf(well)).toBe("ok");
  expect(ailmentsOf({ index: 0, uuid: "GPU-a" })).toEqual([]);
  expect(stateOf({ index: 0, uuid: "GPU-a" })).toBe("ok");
});

test.each([
  [{ recovery: 1 }, "hardware/recovery-action", "error", "to be reset", "failed"],
  [{ recovery: 2 }, "hardware/recovery-action", "error", "reboot of the host", "failed"],
  [{ recovery: 3 }, "hardware/recovery-action", "error", "drain P2P", "failed"],
  [{ recovery: 4 }, "hardware/recovery-action", "error", "drained and reset", "failed"],
  [{ rowsFailed: 1 }, "hardware/row-remap-failed", "error", "exchanged", "failed"],
  [{ rowsPending: 1 }, "hardware/row-remap-pending", "warning", "--gpu-reset", "degraded"],
  [{ pagesPending: 1 }, "hardware/row-remap-pending", "warning", "Reset the GPU", "degraded"],
  [{ uncorrected: 7 }, "hardware/ecc-uncorrected", "warning", "7 errors", "degraded"],
  [{ persistence: 0 }, "hardware/persistence-off", "warning", "nvidia-persistenced", "ok"],
  [{ mig: 1 }, "hardware/mig", "info", "no utilisation", "ok"],
] as const)("%o is %s", (told, code, severity, words, state) => {
  const gpu = { ...well, ...told };
  expect(ailmentsOf(gpu)).toMatchObject([{ code, severity }]);
  expect(ailmentsOf(gpu)[0]?.message).toContain("GPU 3 (NVIDIA H200, GPU-a): ");
  expect(ailmentsOf(gpu)[0]?.message).toContain(words);
  expect(stateOf(gpu)).toBe(state);
});

test("heat that passes is nothing; heat that lasts five minutes is a condition, until it is over", async () => {
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  const watch = gpuWatch(clock, conditions);
  const codes = () => conditions.list().map(({ code }) => code);
  const passMinutes = async (minutes: number, told: Partial<GpuSample>) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      watch.heard({ ...well, ...told });
      await clock.pass(60_000);
    }
    watch.heard({ ...well, ...told });
  };
  await passMinutes(4, { hot: 1 });
  expect(codes()).toEqual([]);
  await passMinutes(1, {});
  await passMinutes(4, { hot: 1, braked: 1 });
  expect(codes()).toEqual([]);
  await passMinutes(2, { hot: 1, braked: 1 });
  expect(codes().sort()).toEqual(["hardware/gpu-hot", "hardware/power-brake"]);
  await passMinutes(1, {});
  expect(codes()).toEqual([]);
});

test("every row of the table has a source, and no two are the same series", () => {
  const series = gpuKeys.map((key) => {
    const { metric, attributes = {}, smi, amd } = gpuTable[key];
    expect(smi ?? amd, key).toBeDefined();
    expect(Object.values(metrics)).toContain(metric);
    return JSON.stringify([metric.name, attributes]);
  });
  expect(new Set(series).size).toBe(series.length);
});

test("the probe of NVML makes for each field the call that the table names", () => {
  for (const key of gpuKeys) {
    const { smi = [], nvml = "" } = gpuTable[key];
    const reading = nvmlReadings[smi[0] ?? ""];
    expect(reading?.call, key).toBe(nvml.replace(/\(.*/, ""));
  }
});
