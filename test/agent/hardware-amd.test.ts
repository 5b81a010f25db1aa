/** AMD's GPUs, read from a folder that stands for sysfs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually, probeOver } from "./hardware-kit.ts";

function sysfs(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "mw-drm-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const mi300 = {
  "card1/device/vendor": "0x1002\n",
  "card1/device/unique_id": "4f5a6b7c8d9e0f10\n",
  "card1/device/product_name": "AMD Instinct MI300X\n",
  "card1/device/uevent": "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:c1:00.0\n",
  "card1/device/gpu_busy_percent": "97\n",
  "card1/device/mem_busy_percent": "31\n",
  "card1/device/mem_info_vram_total": "206141652992\n",
  "card1/device/mem_info_vram_used": "1000000\n",
  "card1/device/current_link_width": "16\n",
  "card1/device/ras/umc_err_count": "ue: 2\nce: 11\nde: 0\n",
  "card1/device/hwmon/hwmon7/temp2_input": "61000\n",
  "card1/device/hwmon/hwmon7/temp3_input": "48000\n",
  "card1/device/hwmon/hwmon7/power1_input": "412000000\n",
  "card1/device/hwmon/hwmon7/power1_cap": "750000000\n",
  "card1/device/hwmon/hwmon7/freq1_input": "2100000000\n",
};

test("cards of AMD are read by a shell, each value in our units; other makers' are not", async () => {
  const cards = sysfs({
    ...mi300,
    "card0/device/vendor": "0x1a03\n",
    "card10/device/vendor": "0x1002\n",
    "card10/device/gpu_busy_percent": "0\n",
    "card1-DP-1/status": "connected\n",
  });
  const { probe, conditions } = await probeOver(undefined, { cards });
  await eventually(() => probe.samples().length === 2);
  expect(probe.samples()).toEqual([
    {
      ...{ index: 0, uuid: "GPU-4f5a6b7c8d9e0f10", model: "AMD Instinct MI300X" },
      pci: "0000:c1:00.0",
      ...{ utilization: 0.97, bandwidth: 0.31, memoryTotal: 206_141_652_992, memoryUsed: 1e6 },
      ...{ temperature: 61, memoryTemperature: 48, power: 412, powerLimit: 750, clock: 2.1e9 },
      ...{ corrected: 11, uncorrected: 2, pcieWidth: 16 },
    },
    { index: 1, uuid: "card10", utilization: 0 },
  ]);
  expect(conditions.list()).toMatchObject([
    { code: "hardware/ecc-uncorrected", subject: "GPU-4f5a6b7c8d9e0f10" },
  ]);
});

test("a file whose read never returns stalls the shell, is a condition, and holds nobody up", async () => {
  const cards = sysfs({ "card0/device/vendor": "0x1002\n" });
  execFileSync("mkfifo", [join(cards, "card0/device/gpu_busy_percent")]);
  const start = Date.now();
  // A clock that is far ahead whenever it is asked: patience is at its end at once.
  let ahead = 0;
  const clock = {
    now() {
      ahead += 1_000;
      return Date.now() + ahead;
    },
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(ms, 20));
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
  const { codes, stop } = await probeOver(undefined, { cards, clock });
  await eventually(() => codes().includes("hardware/probe-stalled"));
  await stop();
  expect(Date.now() - start).toBeLessThan(20_000);
});

test("a card that goes while its neighbour stays is lost", async () => {
  const cards = sysfs({
    ...mi300,
    "card2/device/vendor": "0x1002\n",
    "card2/device/gpu_busy_percent": "1\n",
  });
  const { probe, codes } = await probeOver(undefined, { cards });
  await eventually(() => probe.samples().length === 2);
  rmSync(join(cards, "card2"), { recursive: true });
  symlinkSync("/nowhere", join(cards, "card2"));
  await eventually(() => codes().includes("hardware/gpu-lost"));
  expect(probe.samples().map(({ uuid }) => uuid)).toEqual(["GPU-4f5a6b7c8d9e0f10"]);
});
