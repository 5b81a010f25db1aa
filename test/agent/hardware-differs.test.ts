/** What the host is made of, against what its definition promises. */
import type { Inventory, PlannedHardware } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { differencesOf } from "../../agent/hardware/differences.ts";
import { inventoryWatch } from "../../agent/hardware/inventory-watch.ts";
import { conditionsOf } from "../../agent/life/life.ts";
import { leapingClock } from "./clock-kit.ts";

const GIB = 1024 ** 3;
const h200 = { model: "NVIDIA H200", memory: 140 * GIB };
const promised: PlannedHardware = {
  ...{ cores: 96, memory: 1500 * GIB },
  gpus: [{ ...h200, count: 4 }],
};
const found = (more: Partial<Inventory> = {}): Inventory => ({
  schema: "inventory/1",
  cpu: { model: "EPYC", cores: 192, physicalCores: 96 },
  memory: { bytes: 1511 * GIB },
  gpus: Array.from({ length: 4 }, () => h200),
  ...more,
});
const said = (inventory: Inventory, plan = promised) =>
  differencesOf(plan, inventory).map(({ what, severity, message }) => [what, severity, message]);

test("a host that is as promised differs in nothing, and what is not known of it neither", () => {
  expect(said(found())).toEqual([]);
  expect(said({ schema: "inventory/1" })).toEqual([]);
  expect(said(found({ gpus: [] }), { memory: GIB })).toEqual([]);
});

test("less memory, fewer cores and fewer GPUs are named with both values", () => {
  const less = found({
    cpu: { model: "EPYC", cores: 64, physicalCores: 32 },
    memory: { bytes: 1024 * GIB },
    gpus: Array.from({ length: 3 }, () => h200),
  });
  expect(said(less)).toEqual([
    [
      ...["memory", "warning"],
      expect.stringContaining(
        "promises 1.5 TiB of main memory to models, and the host has 1.0 TiB.",
      ),
    ],
    [
      "cores",
      "warning",
      expect.stringContaining("promises 96 cores to models, and the host has 64."),
    ],
    [
      ...["gpus", "error"],
      expect.stringContaining("4 GPUs (4 × NVIDIA H200), and 3 GPUs (3 × NVIDIA H200) are found."),
    ],
  ]);
  expect(said(found({ gpus: [] }))).toMatchObject([["gpus", "error", /and no GPU is found/]]);
});

test("more GPUs than promised are told as what they are: idle", () => {
  const gpus = Array.from({ length: 5 }, () => h200);
  expect(said(found({ gpus }))).toMatchObject([["gpus", "info", /5 × NVIDIA H200/]]);
});

test("another model, or less memory on a GPU, is told of that GPU", () => {
  const gpus = [h200, { model: "NVIDIA H100" }, { model: "NVIDIA H200", memory: 80 * GIB }, h200];
  expect(said(found({ gpus }))).toEqual([
    ["gpu 1", "warning", expect.stringContaining("NVIDIA H200 as GPU 1, and it is NVIDIA H100.")],
    ["gpu 2", "warning", expect.stringContaining("140 GiB on GPU 2, and it has 80.0 GiB.")],
  ]);
});

test.each([
  ["NVIDIA A100", "NVIDIA A100-SXM4-80GB", true],
  ["a100", "NVIDIA A100-SXM4-80GB", true],
  ["NVIDIA A10", "NVIDIA A100-SXM4-80GB", false],
  ["NVIDIA H100 PCIe", "NVIDIA H100 80GB HBM3", false],
])("%s promises a %s: %s", (model, name, isSo) => {
  const plan = { memory: 0, gpus: [{ model, memory: 0, count: 1 }] };
  expect(said(found({ gpus: [{ model: name, memory: 1 }] }), plan).length === 0).toBe(isSo);
});

function watching(first: Inventory) {
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  const now = { inventory: first, promised: promised as PlannedHardware | undefined, reads: 0 };
  const end = new AbortController();
  const watch = inventoryWatch({
    read: async () => {
      now.reads += 1;
      return structuredClone(now.inventory);
    },
    promised: () => now.promised,
    ...{ clock, conditions, signal: end.signal },
  });
  let news = 0;
  watch.onChange(() => {
    news += 1;
  });
  const run = watch.service(end.signal);
  onTestFinished(async () => {
    end.abort();
    await run;
  });
  return {
    ...{ clock, now, watch },
    news: () => news,
    subjects: () => conditions.list().map(({ code, subject }) => `${code} ${subject}`),
  };
}

test("an inventory is taken a minute after the start and every hour; news are told, and conditions follow", async () => {
  const { clock, now, subjects, news } = watching(found());
  await clock.pass(50_000);
  expect(now.reads).toBe(0);
  await clock.pass(20_000);
  expect(now.reads).toBe(1);
  expect(subjects()).toEqual([]);
  now.inventory = found({ gpus: [h200, h200, h200] });
  await clock.pass(3_500_000);
  expect(now.reads).toBe(1);
  await clock.pass(200_000);
  expect(now.reads).toBe(2);
  expect(subjects()).toEqual(["hardware/differs gpus"]);
  expect(news()).toBe(1);
  now.inventory = found();
  await clock.pass(3_700_000);
  expect(subjects()).toEqual([]);
  expect(news()).toBe(2);
});

test("a plan that promises something else is held against the same inventory; without a promise nothing differs", async () => {
  const { clock, now, watch, subjects } = watching(found({ memory: { bytes: 8 * GIB } }));
  expect((await watch.newest()).memory).toEqual({ bytes: 8 * GIB });
  await clock.pass(20_000);
  expect(subjects()).toEqual(["hardware/differs memory"]);
  now.promised = { ...promised, memory: 8 * GIB };
  await clock.pass(20_000);
  expect(subjects()).toEqual([]);
  now.promised = { ...promised, cores: 500 };
  await clock.pass(20_000);
  expect(subjects()).toEqual(["hardware/differs memory", "hardware/differs cores"]);
  now.promised = undefined;
  await clock.pass(20_000);
  expect(subjects()).toEqual([]);
  expect(now.reads).toBe(1);
});

test("an inventory that found nothing out in time changes nothing that is known", async () => {
  const { clock, now, watch, news, subjects } = watching(found({ gpus: [h200] }));
  await clock.pass(80_000);
  expect(subjects()).toEqual(["hardware/differs gpus"]);
  now.inventory = { schema: "inventory/1" };
  await clock.pass(3_700_000);
  expect(now.reads).toBe(2);
  expect(news()).toBe(0);
  expect((await watch.newest()).gpus).toEqual([h200]);
  expect(subjects()).toEqual(["hardware/differs gpus"]);
});
