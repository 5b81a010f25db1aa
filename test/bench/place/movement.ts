import type { Host } from "@millwright/schema";
import { place } from "../../../compiler/place/place.ts";
import type { Figure } from "../bench.ts";
import { chance, definitionsOf, hostsOf, lock, type Wanted } from "./fleet.ts";
import { roomsOf } from "./rooms.ts";

const HOSTS = 1000;
const CHANGES = 10;

/** How much moves when a host comes to a thousand, or goes: in a fleet with room, and in ones that are fuller and fuller. */
export function movement(
  seed: number,
  loads: readonly number[] = [0.1, 0.3, 0.6, 0.8],
): readonly Figure[] {
  return loads.flatMap((load) => moved(seed, load));
}

const sizes = [9, 16, 28, 40, 66];

function moved(seed: number, load: number): readonly Figure[] {
  const random = chance(seed);
  const hosts = hostsOf(HOSTS + CHANGES, random);
  const capacity = roomsOf(hosts)
    .flatMap(({ gpus }) => gpus)
    .reduce((sum, gpu) => sum + gpu, 0);
  const wanted: Wanted[] = [];
  for (let used = 0; used < load * capacity; ) {
    const size = sizes[Math.floor(random() * sizes.length)] ?? 9;
    const gpus = size > 40 ? 2 : 1;
    wanted.push({ name: `d-${wanted.length}`, replicas: 2, model: `model-${size}`, gpus });
    used += 2 * size * 1024 ** 3;
  }
  const before = hosts.slice(0, HOSTS);
  const places = placesOf(before, wanted);
  const total = { came: 0, cameExtra: 0, went: 0, wentExtra: 0 };
  for (let change = 0; change < CHANGES; change += 1) {
    const added = hosts[HOSTS + change];
    const removed = before[change * 7];
    if (added === undefined || removed === undefined) throw new Error("too few hosts");
    const more = placesOf([...before, added], wanted);
    const fewer = placesOf(
      before.filter((host) => host !== removed),
      wanted,
    );
    for (const [replica, host] of places) {
      if (more.get(replica) !== host)
        total[more.get(replica) === added.name ? "came" : "cameExtra"] += 1;
      if (fewer.get(replica) !== host) total[host === removed.name ? "went" : "wentExtra"] += 1;
    }
  }
  const figure = (what: string, unavoidable: number, extra: number): Figure => ({
    name: `place: one host ${what} 1,000, ${Math.round(load * 100)} % of GPU memory used: moved for each that has to`,
    value: Math.round((1 + extra / Math.max(1, unavoidable)) * 1000) / 1000,
    unit: `× (${unavoidable} had to, in ${CHANGES} changes)`,
  });
  return [
    figure("added to", total.came, total.cameExtra),
    figure("taken from", total.went, total.wentExtra),
  ];
}

/** Replica → host. */
function placesOf(hosts: readonly Host[], wanted: readonly Wanted[]): ReadonlyMap<string, string> {
  const stage = place(definitionsOf(hosts, wanted), lock);
  if (!stage.ok) throw new Error(stage.problems[0]?.message);
  return new Map(
    stage.value.placed.map(({ wanted: { name }, replica, host }) => [`${name} ${replica}`, host]),
  );
}
