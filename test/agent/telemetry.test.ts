import { tmpdir } from "node:os";
import {
  decodeSample,
  type Inventory,
  readerOf,
  SeriesList,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import type { GpuSample } from "../../agent/hardware/hardware.ts";
import { type Reading, reportSensors, sensorsOf } from "../../agent/telemetry/telemetry.ts";
import { leapingClock } from "./clock-kit.ts";

const gateway = { requests: 7, active: 1, failed: 2, inputTokens: 300, outputTokens: 40 };
const gpu: GpuSample = { index: 0, uuid: "GPU-a", utilization: 0.5, memoryUsed: 5, memoryTotal: 9 };

function measured({ series, values }: Reading, name: string, attributes = {}): number | undefined {
  const at = series.findIndex(
    (one) =>
      one.name === name &&
      Object.entries(attributes).every(([key, value]) => one.attributes[key] === value),
  );
  return values[at];
}

test("every series has one value; what cannot be known yet is NaN", async () => {
  const read = sensorsOf({ folder: tmpdir(), gpus: () => [], gateway: () => gateway });
  const first = await read();
  expect(readerOf(SeriesList)(first.series).ok).toBe(true);
  expect(first.values).toHaveLength(first.series.length);
  expect(measured(first, "system.cpu.utilization")).toBeNaN();
  expect(measured(first, "millwright.gateway.requests")).toBe(7);
  expect(measured(first, "system.filesystem.limit")).toBeGreaterThan(0);
  const start = performance.now();
  while (performance.now() - start < 60) Math.sqrt(start);
  const busy = measured(await read(), "system.cpu.utilization");
  expect(busy).toBeGreaterThan(0);
  expect(busy).toBeLessThanOrEqual(1);
});

test("a GPU comes and goes with its series: what it never tells has none, what it tells no more is NaN", async () => {
  let gpus: readonly GpuSample[] = [gpu];
  const read = sensorsOf({ folder: tmpdir(), gpus: () => gpus, gateway: () => gateway });
  const own = { "hw.id": "GPU-a", "hw.type": "gpu" };
  const reading = await read();
  expect(measured(reading, "hw.gpu.memory.usage", own)).toBe(5);
  expect(measured(reading, "hw.gpu.utilization", { ...own, "hw.gpu.task": "general" })).toBe(0.5);
  expect(measured(reading, "hw.temperature", own)).toBeUndefined();
  gpus = [{ ...gpu, temperature: 40 }];
  const die = { ...own, "hw.sensor_location": "die" };
  expect(measured(await read(), "hw.temperature", die)).toBe(40);
  gpus = [{ index: 0, uuid: "GPU-a" }];
  const less = await read();
  expect(measured(less, "hw.temperature", die)).toBeNaN();
  expect(measured(less, "hw.gpu.memory.usage", own)).toBeNaN();
  gpus = [];
  const names = (await read()).series.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("hw."))).toEqual([]);
});

test("a GPU is told with its model, its driver, its state, its processes, and errors with their kind", async () => {
  const sick = { ...gpu, model: "NVIDIA H200", driver: "590.48.01", uncorrected: 2, recovery: 1 };
  const read = sensorsOf({
    ...{ folder: tmpdir(), gpus: () => [sick], gateway: () => gateway },
    errors: () => [
      { id: "GPU-a", type: "gpu", error: "xid.79", count: 3 },
      { id: "0000:c4:00.0", type: "network", error: "sxid.12028", count: 1 },
    ],
    processes: () => new Map([["GPU-a", 4]]),
  });
  const reading = await read();
  const own = { "hw.id": "GPU-a", "hw.model": "NVIDIA H200", "hw.driver_version": "590.48.01" };
  expect(measured(reading, "hw.errors", { ...own, "error.type": "uncorrected" })).toBe(2);
  expect(measured(reading, "hw.errors", { "hw.id": "GPU-a", "error.type": "xid.79" })).toBe(3);
  const sxid = { "hw.type": "network", "error.type": "sxid.12028" };
  expect(measured(reading, "hw.errors", sxid)).toBe(1);
  expect(measured(reading, "millwright.gpu.recovery_action", own)).toBe(1);
  expect(measured(reading, "millwright.gpu.processes", own)).toBe(4);
  const states = ["ok", "degraded", "failed"].map((state) =>
    measured(reading, "hw.status", { ...own, "hw.state": state }),
  );
  expect(states).toEqual([0, 0, 1]);
  // One declaration serves all samples.
  expect((await read()).series).toEqual(reading.series);
});

test("a folder whose disk cannot be read is unknown", async () => {
  const read = sensorsOf({ folder: "/nowhere/at/all", gpus: () => [], gateway: () => gateway });
  expect(measured(await read(), "system.filesystem.usage")).toBeNaN();
});

interface Sent {
  readonly type: string;
  readonly data: Uint8Array;
}

function reporting(
  settings: {
    readonly inventory?: () => Promise<Inventory>;
    readonly onInventory?: (listener: () => void) => () => void;
    readonly read?: () => Promise<Reading>;
  } = {},
) {
  const clock = leapingClock();
  const sent: Sent[] = [];
  const seen: Reading[] = [];
  const listeners = new Set<() => void>();
  let series = [{ name: "a", unit: "1", attributes: {} }];
  const hub = { isOnline: false, everyMs: 10_000 };
  const service = reportSensors({
    read:
      settings.read ??
      (async () => ({ series, values: Float32Array.from(series, (_, index) => index + 0.5) })),
    inventory: settings.inventory ?? (async () => ({ schema: "inventory/1" })),
    ...(settings.onInventory && { onInventory: settings.onInventory }),
    everyMs: () => hub.everyMs,
    send(capability, type, data) {
      if (!hub.isOnline) return false;
      expect(capability).toBe(telemetryCapability);
      sent.push({ type, data });
      return true;
    },
    onOnline(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clock,
    seen: (reading) => seen.push(reading),
  });
  const end = new AbortController();
  const run = service(end.signal);
  // It is awaited below; until then a failure is no unhandled one.
  run.catch(() => undefined);
  onTestFinished(async () => {
    end.abort();
    await run.catch(() => undefined);
    expect(listeners.size).toBe(0);
  });
  return {
    ...{ clock, sent, seen, hub, run },
    types: () => sent.map(({ type }) => type),
    connect() {
      hub.isOnline = true;
      for (const listener of listeners) listener();
    },
    measure(names: readonly string[]) {
      series = names.map((name) => ({ name, unit: "1", attributes: {} }));
    },
  };
}

test("series and inventory are declared at every connection, then one small frame a sample", async () => {
  const { clock, types, sent, connect, hub, seen } = reporting();
  await clock.pass(25_000);
  expect(types()).toEqual([]);
  expect(seen.length).toBeGreaterThanOrEqual(3);
  connect();
  await clock.pass(20_500);
  const { series, sample, inventory } = telemetryTypes;
  expect([...types()].sort()).toEqual([series, inventory, sample, sample, sample].sort());
  expect(types().indexOf(series)).toBeLessThan(types().indexOf(sample));
  const last = sent.findLast(({ type }) => type === sample);
  const decoded = decodeSample(last?.data ?? new Uint8Array(), 1);
  expect(decoded?.values).toEqual(Float32Array.of(0.5));
  expect(decoded?.at).toBeLessThanOrEqual(clock.now());

  hub.isOnline = false;
  sent.length = 0;
  await clock.pass(30_000);
  connect();
  await clock.pass(10);
  expect([...types()].sort()).toEqual([series, inventory, sample].sort());
});

test("series that change are declared again before their values", async () => {
  const { clock, types, connect, measure, sent } = reporting();
  connect();
  await clock.pass(10);
  measure(["a", "b"]);
  sent.length = 0;
  await clock.pass(10_000);
  expect(types()).toEqual([telemetryTypes.series, telemetryTypes.sample]);
  expect(decodeSample(sent[1]?.data ?? new Uint8Array(), 2)?.values).toEqual(
    Float32Array.of(0.5, 1.5),
  );
});

test("an inventory that is another one is told at once", async () => {
  let changed: () => void = () => undefined;
  let listens = 0;
  // After it has been stopped: what was registered later ends sooner.
  onTestFinished(() => expect(listens).toBe(0));
  const { clock, types, connect, sent } = reporting({
    onInventory(listener) {
      listens += 1;
      changed = listener;
      return () => {
        listens -= 1;
      };
    },
  });
  connect();
  await clock.pass(100);
  sent.length = 0;
  changed();
  await clock.pass(100);
  expect(types()).toEqual([telemetryTypes.inventory]);
});

test("a plan may change how often it is measured", async () => {
  const { clock, seen, hub } = reporting();
  await clock.pass(1);
  hub.everyMs = 1_000;
  await clock.pass(10_000);
  const before = seen.length;
  await clock.pass(10_000);
  expect(seen.length - before).toBeGreaterThanOrEqual(9);
});

test("an inventory that fails is an error of ours, and ends the service instead of the process", async () => {
  const { clock, connect, run } = reporting({
    inventory: async () => {
      throw new TypeError("impossible");
    },
  });
  connect();
  await clock.pass(10_000);
  await expect(run).rejects.toThrow("impossible");
});
