/** How much of a host a runner takes: the cores that its control group gives, and the first place when memory runs out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { coresOfQuota } from "../../agent/runner/process/quota.ts";
import { runner } from "./runner-kit.ts";

/** A root with these files. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "mw-quota-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const cores = (files: Readonly<Record<string, string>>) => coresOfQuota(rootWith(files));
const v2 = { "proc/self/cgroup": "0::/system.slice/agent.service\n" };
const slice = "sys/fs/cgroup/system.slice";

test("a quota of version 2 gives whole cores, and never none", () => {
  const given = (max: string) => cores({ ...v2, [`${slice}/agent.service/cpu.max`]: `${max}\n` });
  expect(given("400000 100000")).toBe(4);
  expect(given("150000 100000")).toBe(1);
  expect(given("20000 100000")).toBe(1);
  expect(given("800000 50000")).toBe(16);
  expect(given("max 100000")).toBeUndefined();
});

test("the tightest group above counts", () => {
  const inner = { ...v2, [`${slice}/agent.service/cpu.max`]: "max 100000\n" };
  expect(cores({ ...inner, [`${slice}/cpu.max`]: "300000 100000\n" })).toBe(3);
  const both = { ...inner, [`${slice}/agent.service/cpu.max`]: "200000 100000\n" };
  expect(cores({ ...both, [`${slice}/cpu.max`]: "300000 100000\n" })).toBe(2);
});

test("in a container the quota lies at the mount itself", () => {
  expect(cores({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n" })).toBe(
    2,
  );
});

test("a quota of version 1 counts, and -1 is none", () => {
  const v1 = { "proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/docker/b\n" };
  const folder = "sys/fs/cgroup/cpu/docker/b";
  const period = { [`${folder}/cpu.cfs_period_us`]: "100000\n" };
  expect(cores({ ...v1, ...period, [`${folder}/cpu.cfs_quota_us`]: "250000\n" })).toBe(2);
  expect(cores({ ...v1, ...period, [`${folder}/cpu.cfs_quota_us`]: "-1\n" })).toBeUndefined();
});

test("what is not there or makes no sense sets no limit", () => {
  expect(cores({})).toBeUndefined();
  expect(cores({ "proc/self/cgroup": "nonsense\n" })).toBeUndefined();
  expect(cores({ ...v2, [`${slice}/agent.service/cpu.max`]: "0 0\n" })).toBeUndefined();
});

test("when memory runs out, a runner goes before its agent", async () => {
  const scoreOf = (pid: number | "self") =>
    Number(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8"));
  const { pid } = await runner();
  expect(scoreOf(pid)).toBeGreaterThanOrEqual(200);
  expect(scoreOf(pid)).toBeGreaterThan(scoreOf("self"));
});
