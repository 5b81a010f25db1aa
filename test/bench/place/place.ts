/**
 * `npm run bench -- place [--seed S] [--json]`: how long placement takes, how well it packs, and how much it moves.
 *
 * Time is that of a process of its own, against the floor of only ranking every replica on every host. Packing is held
 * against HiGHS, an exact solver: deployments come one after another until one has no room; how much of the memory that
 * the exact solution fills is filled. Movement counts replicas that change their host without the new host, or the lost
 * one, being the reason.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import type { Figure } from "../bench.ts";
import { movement } from "./movement.ts";
import { packing } from "./packing.ts";

const RUNS = 3;

export async function benchPlace(seed: number): Promise<readonly Figure[]> {
  const runs = Array.from({ length: RUNS }, () => timesOf(seed));
  const floor = middle(runs.map((run) => run.floor));
  const value = middle(runs.map((run) => run.place));
  return [
    {
      ...{ name: "place: 10,000 hosts, 2,000 replicas", value: round(value), unit: "ms" },
      ...{ floor: round(floor), ratio: round(value / floor) },
    },
    ...(await packing(seed)),
    ...movement(seed),
  ];
}

interface Times {
  readonly floor: number;
  readonly place: number;
}

function timesOf(seed: number): Times {
  const child = join(import.meta.dirname, "place-child.ts");
  return JSON.parse(execFileSync(execPath, [child, String(seed)], { encoding: "utf8" })) as Times;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
