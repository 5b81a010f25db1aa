/** What the kernel's log tells of the hardware: a fifo stands for /dev/kmsg. */
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { GpuSample } from "../../agent/hardware/hardware.ts";
import { kernelEventOf } from "../../agent/hardware/kernel-line.ts";
import { kernelWatch } from "../../agent/hardware/kernel-watch.ts";
import { meaningOf, tierOf, xidTiers } from "../../agent/hardware/xid.ts";
import { conditionsOf, silentJournal } from "../../agent/life/life.ts";
import { leapingClock } from "./clock-kit.ts";
import { eventually } from "./hardware-kit.ts";

const line = (text: string, priority = 4) => `${priority},812,97823400,-;${text}`;

test.each([
  [
    "NVRM: Xid (PCI:0000:61:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
    { kind: "xid", pci: "0000:61:00.0", code: 79 },
  ],
  [
    "NVRM: Xid (PCI:0000:C1:00): 145, RLW_REMAP Nonfatal XC0 i0 Link 00 (0x00000004 0x80000000)",
    { kind: "xid", pci: "0000:c1:00.0", code: 145 },
  ],
  ["NVRM: GPU 0000:61:00.0: GPU has fallen off the bus.", { kind: "off-bus", pci: "0000:61:00.0" }],
  [
    "nvidia-nvswitch0: SXid (PCI:0000:c4:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error",
    { kind: "sxid", pci: "0000:c4:00.0", code: 12_028, isFatal: false },
  ],
  [
    "nvidia-nvswitch3: SXid (PCI:0000:c4:00.0): 20034, Fatal, Link 30 LTSSM Fault Up",
    { kind: "sxid", pci: "0000:c4:00.0", code: 20_034, isFatal: true },
  ],
  [
    "Memory cgroup out of memory: Killed process 4711 (node) total-vm:9kB, anon-rss:8kB",
    { kind: "oom", process: "node" },
  ],
])("“%s” is read", (text, event) => {
  expect(kernelEventOf(line(text))).toEqual(event);
});

test.each([
  // /dev/kmsg can be written to, and marks what was.
  line("NVRM: Xid (PCI:0000:61:00): 79, GPU has fallen off the bus.", 12),
  line("usb 1-1: Xid (PCI:0000:61:00): 79"),
  line("NVRM: Xid (PCI:0000:61:00): many"),
  line("NVRM: loading NVIDIA UNIX x86_64 Kernel Module  590.48.01"),
  "NVRM: Xid (PCI:0000:61:00): 79, without a head",
  " SUBSYSTEM=pci",
  "",
])("“%s” says nothing of hardware", (record) => {
  expect(kernelEventOf(record)).toBeUndefined();
});

test("each Xid is in one tier at most, and each that is has a meaning and a cure", () => {
  const codes = Object.values(xidTiers).flatMap((tier) => [...tier.codes]);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) {
    expect(meaningOf(code), String(code)).toBeDefined();
    expect(tierOf(code)?.cure, String(code)).toMatch(/\.$/);
  }
  // What is in none is counted, and raises nothing.
  for (const code of [1, 45, 154, 999]) expect(tierOf(code)).toBeUndefined();
});

const gpu: GpuSample = { index: 2, uuid: "GPU-a", model: "NVIDIA H200", pci: "0000:61:00.0" };

async function watched(before: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), "mw-kmsg-"));
  const path = join(folder, "kmsg");
  execFileSync("mkfifo", [path]);
  const writer = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const say = (text: string, to: FileHandle = writer) => to.write(`${text}\n`);
  for (const each of before) await say(each);
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  let gpus: readonly GpuSample[] = [gpu];
  const watch = kernelWatch({
    ...{ gpus: () => gpus, clock, conditions, path, everyMs: 1_000 },
    journal: silentJournal,
  });
  const end = new AbortController();
  const run = watch.service(end.signal);
  onTestFinished(async () => {
    end.abort();
    await run;
    await writer.close();
    await rm(folder, { recursive: true, force: true });
  });
  // What is written before it listens is history: it listens once it has heard of another host's GPU.
  const ready = "NVRM: Xid (PCI:0000:01:00): 1, ready";
  await eventually(async () => {
    await say(line(ready));
    await clock.pass(1_000);
    return watch.errors().length > 0;
  });
  return {
    ...{ say, clock, conditions },
    errors: () => watch.errors().filter(({ id }) => id !== "0000:01:00.0"),
    lose: () => {
      gpus = [];
    },
    until: (isSo: () => boolean) =>
      eventually(async () => {
        await clock.pass(1_000);
        return isSo();
      }),
  };
}

const lost = line("NVRM: Xid (PCI:0000:61:00): 79, GPU has fallen off the bus.");
const fault = line("NVRM: Xid (PCI:0000:61:00): 31, pid=1, name=node, MMU Fault");

test("an Xid is counted for its GPU, and one of a tier is a condition with its meaning and what to do", async () => {
  const { say, errors, conditions, until, lose } = await watched();
  await say(fault);
  await until(() => errors().length === 1);
  // The GPU is gone from the samples by the time that the kernel says why.
  lose();
  await say(lost);
  await say(fault);
  await say(line("NVRM: Xid (PCI:0000:61:00): 45, pid=1, Ch 00000010"));
  await say(line("NVRM: Xid (PCI:0000:99:00): 45, pid=1, Ch 00000010"));
  await until(() => errors().length === 4);
  expect(errors()).toEqual([
    { id: "GPU-a", type: "gpu", error: "xid.31", count: 2 },
    { id: "GPU-a", type: "gpu", error: "xid.79", count: 1 },
    { id: "GPU-a", type: "gpu", error: "xid.45", count: 1 },
    { id: "0000:99:00.0", type: "gpu", error: "xid.45", count: 1 },
  ]);
  expect(conditions.list()).toMatchObject([
    { code: "hardware/xid", severity: "warning", subject: "GPU-a 31" },
    { code: "hardware/xid", severity: "error", subject: "GPU-a 79" },
  ]);
  expect(conditions.list()[0]?.message).toContain("GPU memory page fault), 2 times since");
  expect(conditions.list()[1]?.message).toMatch(
    /^GPU 2 \(NVIDIA H200, GPU-a\) tells of Xid 79 .*reboot/,
  );
});

test("what was in the log before is history", async () => {
  const { say, errors, until } = await watched([lost, lost, lost]);
  await say(fault);
  await until(() => errors().length > 0);
  expect(errors().map(({ error }) => error)).toEqual(["xid.31"]);
});

test("an application's fault passes after an hour; a GPU that needs a reset stays one", async () => {
  const { say, clock, conditions, until } = await watched();
  await say(fault);
  await say(line("NVRM: Xid (PCI:0000:61:00): 95, pid=1, Uncontained ECC error"));
  await until(() => conditions.list().length === 2);
  await clock.pass(3_700_000);
  expect(conditions.list()).toMatchObject([{ subject: "GPU-a 95", severity: "error" }]);
});

test("lost GPUs, fatal switches and processes killed for memory are conditions; what is not fatal is counted", async () => {
  const { say, errors, conditions, until } = await watched();
  await say(line("NVRM: GPU 0000:61:00.0: GPU has fallen off the bus."));
  await say(line("nvidia-nvswitch0: SXid (PCI:0000:c4:00.0): 12028, Non-fatal, Link 32"));
  await say(line("nvidia-nvswitch0: SXid (PCI:0000:c4:00.0): 20034, Fatal, Link 30 LTSSM"));
  await say(line("Out of memory: Killed process 4711 (node) total-vm:9kB"));
  await until(() => conditions.list().length === 3);
  expect(conditions.list().map(({ code, subject }) => [code, subject])).toEqual([
    ["hardware/gpu-off-bus", "GPU-a"],
    ["hardware/sxid", "0000:c4:00.0 20034"],
    ["hardware/oom-kill", "node"],
  ]);
  expect(errors().map(({ type, error }) => [type, error])).toEqual([
    ["network", "sxid.12028"],
    ["network", "sxid.20034"],
  ]);
});

test("a log that may not be read is told where there are GPUs; one that is not there is no trouble", async () => {
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  const end = new AbortController();
  // A folder stands for what may not be read as root: reading it is refused as well.
  const refused = kernelWatch({
    ...{ gpus: () => [gpu], clock, conditions, path: "/proc/1/mem/x", everyMs: 1_000 },
    journal: silentJournal,
  }).service(end.signal);
  const missing = kernelWatch({
    ...{ gpus: () => [gpu], clock, conditions, path: "/nowhere/kmsg", everyMs: 1_000 },
    journal: silentJournal,
  }).service(end.signal);
  await eventually(async () => {
    await clock.pass(10_000);
    return conditions.list().length > 0;
  });
  expect(conditions.list()).toMatchObject([
    { code: "hardware/kernel-log-unreadable", severity: "info" },
  ]);
  end.abort();
  await Promise.all([refused, missing]);
});
