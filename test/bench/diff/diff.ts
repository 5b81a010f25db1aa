/**
 * `npm run bench -- diff [--hosts 1000] [--json]`: what a pull request waits for, and what a release takes.
 *
 * Two commits of a generated repository differ in one model. `diff` is measured as a whole process, as a person or CI
 * starts it: with empty caches, and with what the first run has left. The floor of the same run is a process that reads
 * both commits and parses their TypeScript files once. Release is measured at ten times the hosts.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import type { Figure } from "../bench.ts";
import { type Repository, repositoryOf } from "../compile/folder.ts";
import type { Timed } from "./child.ts";

const RUNS = 3;
const root = join(import.meta.dirname, "../../..");
const millwright = join(root, "compiler/cli/millwright.ts");

export function benchDiff(sizes: readonly number[], seed: number): readonly Figure[] {
  const [hosts = 1000] = sizes;
  return [...ofDiff(hosts, seed), ...ofSovereignty(), ...ofRelease(10 * hosts, seed)];
}

function ofDiff(hosts: number, seed: number): readonly Figure[] {
  using repository = repositoryOf({ hosts, seed, factories: 50, models: 20 });
  const runs = Array.from({ length: RUNS }, () => {
    using cache = temporary();
    const floor = timed(
      [child, "floor", repository.path, repository.before, repository.after],
      cache.path,
    );
    const cold = timed(diffArgs(repository), cache.path);
    const cached = timed(diffArgs(repository), cache.path);
    return { floor, cold, cached };
  });
  const floor = middle(runs.map((run) => run.floor));
  const against = (name: string, value: number): Figure => ({
    ...{ name: `diff ${hosts} hosts: ${name}`, value: round(value), unit: "ms" },
    ...{ floor: round(floor), ratio: round(value / floor) },
  });
  const { counts } = measured("read-sets", repository);
  return [
    against("the whole process, nothing cached", middle(runs.map((run) => run.cold))),
    against("the whole process, the same comparison again", middle(runs.map((run) => run.cached))),
    {
      name: `diff ${hosts} hosts: plans that differ`,
      value: counts["changed"] ?? 0,
      unit: "hosts",
    },
    {
      name: `diff ${hosts} hosts: rendered for the second commit`,
      value: counts["rendered"] ?? 0,
      unit: "hosts",
    },
  ];
}

function ofSovereignty(): readonly Figure[] {
  const runs = Array.from({ length: RUNS }, () => measured("sovereignty"));
  const edges = runs[0]?.counts["edges"] ?? 0;
  return ["labels and every edge", "the certificate", "the independent checker"].map((what) => ({
    name: `sovereignty, ${edges} edges: ${what}`,
    value: round(middle(runs.map(({ times }) => times[what] ?? 0))),
    unit: "ms",
  }));
}

function ofRelease(hosts: number, seed: number): readonly Figure[] {
  using repository = repositoryOf({ hosts, seed, factories: 50, models: 20 });
  const { times, counts } = measured("release", repository);
  const first = (times["render"] ?? 0) + (times["release"] ?? 0);
  return [
    {
      name: `release ${hosts} hosts: compilation before it`,
      value: round(times["compile"] ?? 0),
      unit: "ms",
    },
    {
      name: `release ${hosts} hosts: render, tree, signature, commit`,
      value: round(first),
      unit: "ms",
    },
    {
      name: `release ${hosts} hosts: again, ten hosts touched`,
      value: round(times["again"] ?? 0),
      unit: "ms",
    },
    {
      name: `release ${hosts} hosts: plans written again`,
      value: counts["written"] ?? 0,
      unit: "plans",
    },
  ];
}

const child = join(import.meta.dirname, "child.ts");

function diffArgs({ path, before, after }: Repository): readonly string[] {
  return [millwright, "diff", before, after, "--repo", path];
}

/** Milliseconds of a process, from start to end. */
function timed(args: readonly string[], cache: string): number {
  const begun = performance.now();
  execFileSync(execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  return performance.now() - begun;
}

function measured(what: string, repository?: Repository): Timed {
  const { path = "", before = "", after = "" } = repository ?? {};
  const said = execFileSync(execPath, [child, what, path, before, after], {
    encoding: "utf8",
    maxBuffer: 1024 ** 2,
  });
  return JSON.parse(said) as Timed;
}

function temporary(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "millwright-bench-cache-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
