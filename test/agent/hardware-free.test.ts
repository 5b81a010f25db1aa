import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freeMemory } from "../../agent/hardware/hardware.ts";

async function machine(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "mw-free-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const meminfo = "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    9000 kB\n";

test("what is free is what the kernel would give, and no more than any control group leaves", async () => {
  const groups = {
    "proc/self/cgroup": "0::/system.slice/millwright.service\n",
    "sys/fs/cgroup/system.slice/memory.max": "max\n",
    "sys/fs/cgroup/system.slice/memory.current": "5000000\n",
    "sys/fs/cgroup/system.slice/millwright.service/memory.max": "4000000\n",
    "sys/fs/cgroup/system.slice/millwright.service/memory.current": "3000000\n",
    "sys/fs/cgroup/system.slice/millwright.service/memory.stat": "anon 1\ninactive_file 500000\n",
  };
  const bare = await machine({ "proc/meminfo": meminfo });
  const limited = await machine({ "proc/meminfo": meminfo, ...groups });
  expect((await freeMemory([], bare)).memory).toBe(9000 * 1024);
  expect((await freeMemory([], limited)).memory).toBe(1_500_000);
  expect((await freeMemory([])).memory).toBeGreaterThan(0);
});

test("what nobody says is absent, of memory and of GPUs, and never guessed", async () => {
  const nothing = await machine({ "proc/meminfo": "rubbish" });
  const gpus = [
    { index: 0, memoryUsed: 30, memoryTotal: 100 },
    { index: 1, memoryTotal: 100 },
  ];
  expect(await freeMemory(gpus, nothing)).toEqual({ gpus: new Map([[0, 70]]) });
});
