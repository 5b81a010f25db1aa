import { stderr } from "node:process";
import { place } from "../../../compiler/place/place.ts";
import { shareOf } from "../../../compiler/place/room.ts";
import { wantedOf } from "../../../compiler/place/wanted.ts";
import type { Figure } from "../bench.ts";
import { type Exact, exactSolver, type Item } from "./exact.ts";
import { chance, definitionsOf, hostsOf, lock, type Wanted } from "./fleet.ts";
import { roomsOf } from "./rooms.ts";

const INSTANCES = 24;

/** How much of what an exact solver packs we pack, over random fleets that are asked for more and more. */
export async function packing(seed: number): Promise<readonly Figure[]> {
  const exact = await exactSolver();
  const random = chance(seed);
  const ratios: number[] = [];
  let unknown = 0;
  for (let instance = 0; instance < INSTANCES; instance += 1) {
    const { ratio, isKnown } = packed(random, exact);
    if (!isKnown) unknown += 1;
    ratios.push(ratio);
    if (stderr.isTTY) stderr.write(`\rpacking ${instance + 1} of ${INSTANCES}`);
  }
  if (stderr.isTTY) stderr.write("\r");
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const figure = (name: string, value: number, unit: string): Figure => ({
    name: `place: packing against HiGHS, ${INSTANCES} random fleets: ${name}`,
    value: Math.round(value * 10_000) / 10_000,
    unit,
  });
  return [
    figure("mean", mean, "× its optimum"),
    figure("worst", Math.min(...ratios), "× its optimum"),
    figure("not decided by HiGHS in its time, taken for its limit", unknown, "fleets"),
  ];
}

function packed(
  random: () => number,
  exact: Exact,
): { readonly ratio: number; readonly isKnown: boolean } {
  const hosts = hostsOf(8, random)
    .filter(({ gpus }) => gpus !== undefined)
    .slice(0, 2);
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
  let ours = 0;
  while (ours < queue.length && place(definitionsOf(hosts, queue.slice(0, ours + 1)), lock).ok)
    ours += 1;
  let best = ours;
  let verdict: boolean | undefined = true;
  while (best < queue.length && verdict === true) {
    verdict = exact(items.slice(0, best + 1), rooms);
    if (verdict === true) best += 1;
  }
  const bytes = (count: number) =>
    items.slice(0, count).reduce((sum, { share, gpus }) => sum + share * gpus, 0);
  return { ratio: bytes(ours) / bytes(best), isKnown: verdict !== undefined };
}
