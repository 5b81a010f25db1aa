import type { Room } from "./room.ts";
import { weightOf } from "./room.ts";

/** Hosts of one weight that a deployment may stand on. As numbers in a row, for every replica is ranked on all of them. */
export interface Ground {
  readonly weight: number;
  /** The places of the hosts among all, ascending. */
  readonly indices: Int32Array;
  /** Two words a host. */
  readonly words: Int32Array;
}

/** By weight, the least first: among hosts of one weight the rank alone decides. */
export function groundsOf(rooms: readonly Room[], onGpus: boolean): readonly Ground[] {
  const byClass: Room[][] = [];
  for (const room of rooms) {
    const own = onGpus ? room.classes.gpus : room.classes.main;
    const known = byClass[own];
    if (known === undefined) byClass[own] = [room];
    else known.push(room);
  }
  return byClass.flatMap((alike, own) => ({
    weight: weightOf(own),
    indices: Int32Array.from(alike, ({ index }) => index),
    words: Int32Array.from(alike.flatMap(({ words }) => words)),
  }));
}
