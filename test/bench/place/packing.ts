import { stderr } from "node:process";
import { place } from "../../../compiler/place/place.ts";
import { shareOf } from "../../../compiler/place/room.ts";
import { wantedOf } from "../../../compiler/place/wanted.ts";
import type { Figure } from "../bench.ts";
import { type Exact, exactSolver, type Item } from "./exact.ts";
import { chance, definitionsOf, hostsOf, lock, type Wanted } from "./fleet.ts";
import { roomsOf } from "./rooms.ts";

const INSTANCES = 24;

/**
 * How much of what an exact solver packs we pack, over random fleets that are asked for more and more. Where the solver
 * cannot decide in its time, the most that its answers leave possible is taken for its optimum.
 */
export async function packing(seed: number): Promise<readonly Figure[]> {
  const exact = await exactSolver();
  const random = chance(seed);
  const all: Packed[] = [];
  for (let instance = 0; instance < INSTANCES; instance += 1) {
    all.push(packed(2 + (instance % 3), random, exact));
    if (stderr.isTTY) stderr.write(`\rpacking ${instance + 1} of ${INSTANCES}`);
  }
  if (stderr.isTTY) stderr.write("\r");
  const ratios = all.map(({ ratio }) => ratio).sort((a, b) => a - b);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const figure = (name: string, value: number, unit: string): Figure => ({
    name: `place: packing against HiGHS, ${INSTANCES} random fleets: ${name}`,
    value: Math.round(value * 10_000) / 10_000,
    unit,
  });
  return [
    figure("mean", mean, "× its optimum"),
    figure("worst", ratios[0] ?? 0, "× its optimum"),
    figure("less than 0.98 of it", ratios.filter((ratio) => ratio < 0.98).length, "fleets"),
    figure("optimum not proved", all.filter(({ isProved }) => !isProved).length, "fleets"),
  ];
}

interface Packed {
  /** Bytes that we place, of those of the optimum or of what bounds it. */
  readonly ratio: number;
  readonly isProved: boolean;
}

function packed(count: number, random: () => number, exact: Exact): Packed {
  const hosts = hostsOf(20, random)
    .filter(({ gpus }) => gpus !== undefined)
    .slice(0, count);
  const queue = Array.from({ length: 200 }, (_, index): Wanted => {
    const size = [9, 16, 28, 40, 66, 90][Math.floor(random() * 6)] ?? 9;
    return { name: `d-${index}`, replicas: 1, model: `model-${size}`, gpus: size > 40 ? 2 : 1 };
  });
  const rooms = roomsOf(hosts);
  const found = wantedOf(definitionsOf(hosts, queue), lock, []);
  const items = found.map(
    (wanted): Item => ({
      share: shareOf(wanted),
      gpus: wanted.deployment.gpus ?? 0,
    }),
  );
  const bytes = (length: number) =>
    items.slice(0, length).reduce((sum, { share, gpus }) => sum + share * gpus, 0);
  const capacity = rooms.flatMap(({ gpus }) => gpus).reduce((sum, size) => sum + size, 0);
  let ours = 0;
  while (ours < queue.length && place(definitionsOf(hosts, queue.slice(0, ours + 1)), lock).ok)
    ours += 1;
  let proved = ours;
  let bound = ours;
  let verdict: boolean | undefined;
  while (bound < queue.length && bytes(bound + 1) <= capacity && verdict !== false) {
    verdict = exact(items.slice(0, bound + 1), rooms);
    if (verdict !== false) bound += 1;
    if (verdict === true) proved = bound;
  }
  return { ratio: bytes(ours) / bytes(bound), isProved: proved === bound };
}
