/** A driver of our own making: a script that behaves like `nvidia-smi`, as told. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GpuProbe, gpuProbe } from "../../agent/hardware/hardware.ts";
import { conditionsOf, silentJournal, systemClock } from "../../agent/life/life.ts";

export interface Driver {
  /** Fields that `--help-query-gpu` knows; all that are asked for when absent. */
  readonly knows?: readonly string[];
  /** Lines, printed one after the other; `{fields}` for a sample. They are repeated at the interval. */
  readonly lines?: readonly string[];
  /** From the fourth round on. */
  readonly later?: readonly string[];
  /** After so many rounds it hangs (ignoring SIGTERM), or ends. */
  readonly hangsAfter?: number;
  readonly endsAfter?: number;
}

const all = [
  "index",
  "uuid",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
];

export interface Probed {
  readonly probe: GpuProbe;
  readonly codes: () => readonly string[];
  /** The command lines with which it was started. */
  readonly calls: () => Promise<readonly string[]>;
  readonly pids: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

export async function probeOver(driver: Driver | undefined, everyMs = 100): Promise<Probed> {
  const folder = await mkdtemp(join(tmpdir(), "mw-smi-"));
  const command = join(folder, "nvidia-smi");
  const calls = join(folder, "calls");
  await writeFile(calls, "");
  if (driver !== undefined) {
    await writeFile(command, scriptOf(driver, calls));
    await chmod(command, 0o755);
  }
  const conditions = conditionsOf(systemClock);
  const probe = gpuProbe({
    ...{ everyMs, conditions, command },
    clock: systemClock,
    journal: silentJournal,
  });
  const end = new AbortController();
  const run = probe.service(end.signal);
  const stop = async () => {
    end.abort();
    await run;
  };
  onTestFinished(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  const read = async () =>
    (await readFile(calls, "utf8")).split("\n").filter((line) => line !== "");
  return {
    probe,
    stop,
    codes: () => conditions.list().map(({ code }) => code),
    calls: async () => (await read()).map((line) => line.slice(line.indexOf(" ") + 1)),
    pids: async () => (await read()).map((line) => Number(line.split(" ")[0])),
  };
}

function scriptOf(driver: Driver, calls: string): string {
  const { knows = all, lines = ["0, GPU-a, 50, 1024, 81559, 40, 100.5"], later = lines } = driver;
  return `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(calls)}, process.pid + " " + args.join(" ") + "\\n");
process.on("SIGTERM", () => undefined);
if (args[0] === "--help-query-gpu") {
  for (const name of ${JSON.stringify(knows)}) console.log('"' + name + '"\\nWhat it is.\\n');
} else {
  const every = Number(args[args.indexOf("-lms") + 1]);
  let rounds = 0;
  const say = () => {
    if (rounds === ${driver.endsAfter ?? -1}) process.exit(9);
    if (rounds === ${driver.hangsAfter ?? -1}) return;
    rounds += 1;
    for (const line of rounds < 4 ? ${JSON.stringify(lines)} : ${JSON.stringify(later)}) console.log(line);
  };
  say();
  setInterval(say, every);
}
`;
}

export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`it did not come to pass: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
