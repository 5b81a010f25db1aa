import { showBytes } from "@millwright/schema";
import { takes } from "../engine/engine.ts";
import { externalFit, type Remedy, type Running, remediesOf } from "../fit/fit.ts";
import { overOf } from "./over.ts";
import type { Placed, Wanted } from "./placement.ts";
import { fits, mainMemoryOf, needOf, placeOf, type Room, roomFor, shareOf, take } from "./room.ts";

/** What is left of a host, and what stands on it. */
export interface Held {
  readonly room: Room;
  readonly here: readonly Placed[];
}

/** Each change that would let an empty host take one instance, in the words of a definition, and what a GPU or the host saves. */
export function shrinkingAlone(wanted: Wanted, allowed: readonly Room[]): readonly string[] {
  const { gpus = 0 } = wanted.deployment;
  const remedies = shrinking(wanted, (smaller) => {
    const need = needOf(smaller);
    return allowed.some((room) => fits(need, room));
  });
  return remedies.map(
    (each) => `${textOf(each)} would save ${showBytes(each.saves / Math.max(1, gpus))}`,
  );
}

/** Each change of `shrunk` that would make room for so many more replicas of `wanted`, while everybody stays. */
export function shrinkingFor(
  { wanted, missing }: { readonly wanted: Wanted; readonly missing: number },
  shrunk: Wanted,
  hosts: readonly Held[],
): readonly string[] {
  const remedies = shrinking(shrunk, (smaller) => {
    const next = shrunk.name === wanted.name ? smaller : wanted;
    const { spread } = next.deployment;
    // Hosts, or sites, on which one that is spread stands by now.
    const taken = new Set<string>();
    let left = missing;
    for (const held of hosts) {
      const place = spread && placeOf(spread, held.room.host);
      if (place !== undefined && taken.has(place)) continue;
      const room = roomWith(held, smaller);
      for (let gpus = roomFor(next, room); gpus !== undefined; gpus = roomFor(next, room)) {
        take(next, room, gpus);
        left -= 1;
        if (left === 0) return true;
        if (place === undefined) continue;
        taken.add(place);
        break;
      }
    }
    return false;
  });
  return remedies.map(textOf);
}

/** What would be left if every replica of one deployment took less. */
function roomWith({ room, here }: Held, smaller: Wanted): Room {
  const freed: Room = { ...room, gpus: [...room.gpus] };
  for (const { wanted, gpus } of here) {
    if (wanted.name !== smaller.name) continue;
    freed.memory += mainMemoryOf(wanted) - mainMemoryOf(smaller);
    const share = shareOf(wanted) - shareOf(smaller);
    for (const gpu of gpus) freed.gpus[gpu] = (freed.gpus[gpu] ?? 0) + share;
  }
  return freed;
}

function shrinking(wanted: Wanted, enough: (smaller: Wanted) => boolean): readonly Remedy[] {
  const { deployment, model } = wanted;
  const { context, parallel = 1, gpus = 0, cache, engine } = deployment;
  const over = overOf(wanted);
  const running: Running = { context, parallel, gpus, cache, ...over };
  // What the author said that it takes does not follow from its size.
  if (engine?.memory !== undefined) return [];
  const remedies = remediesOf(model.facts, running, (fit) =>
    enough({ ...wanted, fit: externalFit(engine, gpus, fit) }),
  );
  const isPacked = engine === undefined || takes(engine.kind, "cache") === true;
  return isPacked ? remedies : remedies.filter(({ field }) => field !== "cache");
}

function textOf({ field, value }: Remedy): string {
  return `${field}: ${JSON.stringify(value)}`;
}
