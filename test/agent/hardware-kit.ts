/** A driver of our own making: a script that behaves like `nvidia-smi`, as told. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GpuProbe, type GpuProbeOptions, gpuProbe } from "../../agent/hardware/hardware.ts";
import {
  type Conditions,
  conditionsOf,
  silentJournal,
  systemClock,
} from "../../agent/life/life.ts";

export interface Driver {
  /** Fields that `--help-query-gpu` knows; all that are asked for when absent. */
  readonly knows?: readonly string[];
  /** Lines, printed one after the other, again and again at the interval. */
  readonly lines?: readonly string[];
  /** Instead of lines: what each GPU says to each field. It knows these fields, and says `[N/A]` where a GPU does not. */
  readonly gpus?: readonly Readonly<Record<string, string>>[];
  /** From the fourth round on. */
  readonly later?: readonly string[];
  /** After so many rounds it hangs (ignoring SIGTERM), or ends. */
  readonly hangsAfter?: number;
  readonly endsAfter?: number;
  /** What it says when it is asked otherwise, by the first argument. */
  readonly answers?: Readonly<Record<string, string>>;
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
  readonly conditions: Conditions;
  /** The command lines with which it was started. */
  readonly calls: () => Promise<readonly string[]>;
  readonly pids: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

/** A folder with the driver's tool in it, and where it notes how it was called. */
export async function driverIn(driver: Driver | undefined) {
  const folder = await mkdtemp(join(tmpdir(), "mw-smi-"));
  const command = join(folder, "nvidia-smi");
  const calls = join(folder, "calls");
  await writeFile(calls, "");
  if (driver !== undefined) {
    await writeFile(command, scriptOf(driver, calls));
    await chmod(command, 0o755);
  }
  return { folder, command, calls };
}

export async function probeOver(
  driver: Driver | undefined,
  options: Partial<GpuProbeOptions> = {},
): Promise<Probed> {
  const { folder, command, calls } = await driverIn(driver);
  const conditions = conditionsOf(options.clock ?? systemClock);
  const probe = gpuProbe({
    ...{ everyMs: 100, restartMs: 5, conditions, command },
    ...{ cards: "/nowhere", library: "/nowhere" },
    clock: systemClock,
    journal: silentJournal,
    ...options,
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
    ...{ stop, conditions },
    codes: () => conditions.list().map(({ code }) => code),
    calls: async () => (await read()).map((line) => line.slice(line.indexOf(" ") + 1)),
    pids: async () => (await read()).map((line) => Number(line.split(" ")[0])),
  };
}

function scriptOf(driver: Driver, calls: string): string {
  const { gpus, lines = ["0, GPU-a, 50, 1024, 81559, 40, 100.5"], later = lines } = driver;
  const { knows = gpus === undefined ? all : gpus.flatMap(Object.keys), answers = {} } = driver;
  return `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(calls)}, process.pid + " " + args.join(" ") + "\\n");
process.on("SIGTERM", () => undefined);
if (args[0] === "--help-query-gpu") {
  for (const name of ${JSON.stringify(knows)}) console.log('"' + name + '"\\nWhat it is.\\n');
} else if (Object.hasOwn(${JSON.stringify(answers)}, args[0])) {
  console.log(${JSON.stringify(answers)}[args[0]]);
} else {
  const fields = args[0].replace("--query-gpu=", "").split(",");
  const gpus = ${JSON.stringify(gpus ?? null)}?.map((gpu) => fields.map((field) => gpu[field] ?? "[N/A]").join(", "));
  const every = Number(args[args.indexOf("-lms") + 1]);
  let rounds = 0;
  const say = () => {
    if (rounds === ${driver.endsAfter ?? -1}) process.exit(9);
    if (rounds === ${driver.hangsAfter ?? -1}) return;
    rounds += 1;
    for (const line of gpus ?? (rounds < 4 ? ${JSON.stringify(lines)} : ${JSON.stringify(later)})) console.log(line);
  };
  say();
  if (!args.includes("-lms")) process.exit(0);
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
