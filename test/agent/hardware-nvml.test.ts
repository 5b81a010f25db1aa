/** NVIDIA's library, asked by a process of its own: a library of ours stands for it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { eventually, probeOver } from "./hardware-kit.ts";
import { fakeNvml } from "./hardware-nvml-kit.ts";

const library = fakeNvml();
const MIB = 1024 ** 2;

/** What the library does is said by the environment, which the probe's process inherits. */
function saying(settings: Readonly<Record<string, string>>): void {
  Object.assign(env, settings);
  onTestFinished(() => {
    for (const name of Object.keys(settings)) delete env[name];
  });
}

test("where there is no nvidia-smi, the library is asked, and tells energy and traffic as well", async () => {
  const { probe, codes } = await probeOver(undefined, { library });
  await eventually(() => probe.samples().length === 2);
  const [first, second] = probe.samples();
  expect(first).toEqual({
    ...{ index: 0, uuid: "GPU-a", model: "NVIDIA H200", driver: "590.48.01", pci: "0000:61:00.0" },
    ...{ utilization: 0.75, bandwidth: 0.25, encoder: 0.01 },
    ...{
      memoryTotal: 143_771 * MIB,
      memoryUsed: 1024 * MIB,
      temperature: 44,
      memoryTemperature: 51,
    },
    ...{ power: 350.5, powerLimit: 700, energy: 5_000_000_001.5 },
    ...{ clock: 1980e6, memoryClock: 3201e6 },
    ...{ powerCapped: 1, slowed: 0, softHot: 0, hot: 1, braked: 0, corrected: 9, uncorrected: 2 },
    ...{ rowsCorrected: 4, rowsUncorrected: 3, rowsPending: 1, rowsFailed: 0 },
    ...{ pcieReceived: 300_000, pcieSent: 200_000, pcieGeneration: 5, pcieWidth: 16 },
    ...{ nvlinkReceived: 20 * 2 ** 42, nvlinkSent: 10 * 2 ** 42 },
    ...{ persistence: 1, recovery: 1, fabric: 3 },
  });
  expect(second).toMatchObject({ index: 1, uuid: "GPU-b", pci: "0000:62:00.0" });
  expect(codes()).toContain("hardware/recovery-action");
});

test("nvidia-smi is asked where it is there, unless the host wants the library", async () => {
  const lines = ["0, GPU-smi, 50, 1024, 81559, 40, 100.5"];
  const smi = await probeOver({ lines }, { library });
  await eventually(() => smi.probe.samples().length === 1);
  expect(smi.probe.samples()[0]?.uuid).toBe("GPU-smi");
  const nvml = await probeOver({ lines }, { library, prefersNvml: true });
  await eventually(() => nvml.probe.samples().length === 2);
  expect(await nvml.calls()).toEqual([]);
});

test("a GPU that the library calls lost is told with nothing but what it still says", async () => {
  saying({ FAKE_LOST: "1" });
  const { probe } = await probeOver(undefined, { library });
  await eventually(() => probe.samples().length === 2);
  expect(probe.samples()[1]).toEqual({ index: 1, uuid: "GPU-b", driver: "590.48.01" });
});

test.each(["nvmlInit_v2", "nvmlDeviceGetUtilizationRates"])(
  "a library that hangs in %s is a condition, and the probe still ends at once",
  async (call) => {
    saying({ FAKE_HANG: call });
    const clock = hurried();
    const { codes, probe, stop } = await probeOver(undefined, { library, clock });
    await eventually(() => codes().includes("hardware/probe-stalled"));
    expect(probe.samples()).toEqual([]);
    await stop();
  },
);

test("a library that is none is a condition, after a few tries", async () => {
  const { codes } = await probeOver(undefined, {
    library: join(import.meta.dirname, "hardware-kit.ts"),
  });
  await eventually(() => codes().includes("hardware/probe-stalled"));
});

test("the agent's own process never loads the library's door", () => {
  const folder = join(import.meta.dirname, "../../agent/hardware");
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  expect(read("nvml.ts")).toContain('from "koffi"');
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, next = ""] of read(name).matchAll(/from "\.\/([\w-]+\.ts)"/g)) visit(next);
  };
  visit("hardware.ts");
  expect(seen.size).toBeGreaterThan(10);
  expect([...seen].filter((name) => name.startsWith("nvml"))).toEqual([]);
});

/** Sixty times as fast: a driver is given ten seconds for its first word. */
function hurried() {
  const start = performance.now();
  return {
    now: () => Math.round((performance.now() - start) * 60),
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms / 60);
        signal.addEventListener(
          "abort",
          () => {
            clearTimeout(timer);
            resolve();
          },
          { once: true },
        );
        if (signal.aborted) resolve();
      }),
  };
}
