/** What is asked for once a minute: processes on GPUs, errors of their links. */
import { readFile, rm } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { gpuExtras, linkErrorsIn } from "../../agent/hardware/gpu-extras.ts";
import type { GpuSample } from "../../agent/hardware/hardware.ts";
import { systemClock } from "../../agent/life/life.ts";
import { driverIn, eventually } from "./hardware-kit.ts";

const gpus: readonly GpuSample[] = [
  { index: 0, uuid: "GPU-a", driver: "590.48.01" },
  { index: 1, uuid: "GPU-b", driver: "590.48.01" },
];
const nvlink = `GPU 0: NVIDIA H200 (UUID: GPU-a)
	 Link 0: Replay Errors: 0
	 Link 0: Recovery Errors: 1
	 Link 0: CRC Errors: 5
	 Link 1: <inactive>
	 Link 17: CRC Errors: 7
GPU 1: NVIDIA H200 (UUID: GPU-b)
	 Link 0: Replay Errors: 2
	 Link 0: Malformed packet Errors: 9`;

async function extras(answers: Readonly<Record<string, string>>, samples = gpus) {
  const { folder, command, calls } = await driverIn({ answers });
  const end = new AbortController();
  const made = gpuExtras({ gpus: () => samples, clock: systemClock, command, everyMs: 20 });
  const run = made.service(end.signal);
  onTestFinished(async () => {
    end.abort();
    await run.catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  return { made, calls: () => readFile(calls, "utf8") };
}

test("errors of links are summed over the links of a GPU, by kind", () => {
  expect(linkErrorsIn(nvlink)).toEqual([
    { id: "GPU-a", type: "gpu", error: "nvlink.replay", count: 0 },
    { id: "GPU-a", type: "gpu", error: "nvlink.recovery", count: 1 },
    { id: "GPU-a", type: "gpu", error: "nvlink.crc", count: 12 },
    { id: "GPU-b", type: "gpu", error: "nvlink.replay", count: 2 },
  ]);
  expect(linkErrorsIn("Link 0: CRC Errors: 3\nNVLink is not supported")).toEqual([]);
});

test("processes are counted for each GPU, those of others' GPUs and what is no process are not", async () => {
  const { made } = await extras({
    "--query-compute-apps=gpu_uuid,pid": "GPU-a, 4711\nGPU-a, 4712\nGPU-z, 1\nGPU-b, [N/A]",
    nvlink,
  });
  await eventually(() => made.linkErrors().length === 4);
  expect(made.processes()).toEqual(
    new Map([
      ["GPU-a", 2],
      ["GPU-b", 0],
    ]),
  );
});

test("nothing is asked while the stream of samples is silent", async () => {
  const { made, calls } = await extras({ nvlink }, []);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await calls()).toBe("");
  expect(made.processes().size).toBe(0);
});
