/**
 * `npm run bench -- compile --hosts 1000[,10000] [--seed S] [--json]`: how long a compilation takes, against the floor of only
 * parsing the same TypeScript files (`ts.createSourceFile`) in the same run. Each figure is the median of three
 * processes, so code is as cold as for somebody who runs the command.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import type { Figure } from "../bench.ts";
import type { Measured } from "./compile-child.ts";
import { type Repository, repositoryOf } from "./folder.ts";

const RUNS = 3;
const stages = ["evaluate", "check", "lock", "place", "prove", "render"] as const;

export async function benchCompile(
  sizes: readonly number[],
  seed: number,
): Promise<readonly Figure[]> {
  const measured = sizes.map((hosts) => ({ hosts, figures: figuresOf(hosts, seed) }));
  const [smallest, largest] = [measured[0], measured.at(-1)];
  const all = [...measured.flatMap(({ figures }) => figures.all), wholeCheck()];
  if (smallest === undefined || largest === undefined || smallest === largest) return all;
  const growth = largest.figures.cold / smallest.figures.cold;
  const name = `compile: growth of cold from ${smallest.hosts} to ${largest.hosts} hosts`;
  return [...all, { name, value: round(growth), unit: "×" }];
}

function figuresOf(
  hosts: number,
  seed: number,
): { readonly all: readonly Figure[]; readonly cold: number } {
  using repository = repositoryOf({ hosts, seed, factories: 50, models: 20 });
  // In turn, so that what else the machine does meets both.
  const pairs = Array.from({ length: RUNS }, () => ({
    bare: measure("floor", repository),
    whole: measure("cold", repository),
  }));
  const floor = middle(pairs.map(({ bare }) => bare.times["floor"] ?? 0));
  const colds = pairs.map(({ whole }) => whole);
  const stage = (name: string) => middle(colds.map(({ times }) => times[name] ?? 0));
  const cold = middle(colds.map(({ times }) => sum(stages.map((name) => times[name] ?? 0))));
  const warm = measure("warm", repository);
  const edits = Object.values(warm.times);
  const diff = measure("diff", repository);
  const against = (name: string, value: number): Figure => ({
    name: `compile ${hosts} hosts: ${name}`,
    value: round(value),
    unit: "ms",
    floor: round(floor),
    ratio: round(value / floor),
  });
  return {
    cold,
    all: [
      against("cold, definitions to plans", cold),
      ...stages.map((name) => against(`of that ${name}`, stage(name))),
      against(
        "the YAML library alone, on its tenth of the files",
        middle(pairs.map(({ bare }) => bare.times["yaml"] ?? 0)),
      ),
      against("before that, definitions from a commit", stage("source")),
      against("warm, one edited file to plans", middle(edits)),
      against("warm, the first edit of a session", edits[0] ?? 0),
      against(
        `diff of two commits, ${diff.times["changed"]} hosts changed`,
        diff.times["diff"] ?? 0,
      ),
      {
        name: `compile ${hosts} hosts: peak memory of cold`,
        value: round(middle(colds.map(({ peak }) => peak))),
        unit: "MiB",
      },
    ],
  };
}

/** What a person waits for who types `millwright check` in this repository. */
function wholeCheck(): Figure {
  const root = join(import.meta.dirname, "../../..");
  const command = join(root, "compiler/cli/millwright.ts");
  const ms = median(() => {
    const start = performance.now();
    execFileSync(execPath, [command, "check", "--repo", root], { stdio: "ignore" });
    return performance.now() - start;
  });
  return {
    name: "check of the example repository, the whole process, its types known",
    value: round(ms),
    unit: "ms",
  };
}

function measure(what: string, { path, before, after }: Repository): Measured {
  const said = execFileSync(
    execPath,
    [join(import.meta.dirname, "compile-child.ts"), what, path, before, after],
    { encoding: "utf8", maxBuffer: 1024 ** 2 },
  );
  return JSON.parse(said) as Measured;
}

function median(run: () => number): number {
  return middle(Array.from({ length: RUNS }, run));
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
