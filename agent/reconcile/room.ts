import type { Digest } from "@millwright/schema";
import type { ObservedInstance } from "./decide.ts";
import type { Wanted } from "./wanted.ts";

/** Bytes that are free on this host, as far as they are known. */
export interface Room {
  /** Of main memory, and of what the control group of the agent may take. */
  readonly memory?: number;
  /** Of each GPU, by its index. */
  readonly gpus: ReadonlyMap<number, number>;
}

export interface Crowd {
  /** What finds no room beside what is there: something must go first. */
  readonly crowded: ReadonlySet<Digest>;
  /** What had found none, and does now: what was in its way has gone. */
  readonly admitted: ReadonlySet<Digest>;
  /** Whether one more finds room beside all of these; takes it when it does. */
  admit(item: Wanted): boolean;
}

const MEMORY = "memory";
type Place = number | typeof MEMORY;

/**
 * Who of the missing must wait for others to go. The plan says what each takes; only the host knows what is free. What is
 * being loaded has taken less than it will, so it counts as if it had taken nothing. `pressed`: whom something has made
 * room for already, which stays so: what went must not come back meanwhile. Of what nothing can be said, the plan is believed.
 */
export function crowdOf(
  missing: readonly Wanted[],
  loading: readonly Wanted[],
  unwanted: readonly ObservedInstance[],
  instances: readonly ObservedInstance[],
  room: Room | undefined,
  pressed: ReadonlySet<Digest>,
): Crowd {
  const free = new Map<Place, number>(room?.gpus);
  if (room?.memory !== undefined) free.set(MEMORY, room.memory);
  const held = new Set(instances.filter(isThere).map(({ weights }) => weights));
  const loads = new Set(loading.map(({ weights }) => weights));
  const needOf = (item: Wanted, isHeld: boolean): number =>
    isHeld ? item.memory.context : item.memory.whole;
  const take = ({ spec: { gpus } }: Wanted, bytes: number) => {
    for (const place of placesOf(gpus)) {
      const has = free.get(place);
      if (has !== undefined) free.set(place, has - shareOf(bytes, gpus));
    }
  };
  const fits = ({ spec: { gpus } }: Wanted, bytes: number): boolean =>
    placesOf(gpus).every((place) => (free.get(place) ?? Infinity) >= shareOf(bytes, gpus));

  const isUp = ({ state }: ObservedInstance) => state !== "starting" && state !== "stopping";
  const counted = new Set(instances.filter(isUp).map(({ weights }) => weights));
  for (const item of loading) {
    take(item, needOf(item, counted.has(item.weights)));
    counted.add(item.weights);
  }
  const crowded = new Set<Digest>();
  const admitted = new Set<Digest>();
  for (const item of missing) {
    const need = needOf(item, held.has(item.weights) || loads.has(item.weights));
    const isAlone = !unwanted.some((other) => sharesPlace(other.gpus, item.spec.gpus));
    const hasRoom = fits(item, need);
    if (hasRoom || isAlone) {
      if (pressed.has(item.digest)) admitted.add(item.digest);
      take(item, need);
      // The next context over the same weights takes no more than that.
      loads.add(item.weights);
    } else crowded.add(item.digest);
  }
  const admit = (item: Wanted): boolean => {
    const need = needOf(item, held.has(item.weights) || loads.has(item.weights));
    const hasRoom = fits(item, need);
    if (hasRoom) take(item, need);
    if (hasRoom) loads.add(item.weights);
    return hasRoom;
  };
  return { crowded, admitted, admit };
}

export function sharesPlace(a: readonly number[], b: readonly number[]): boolean {
  const places = placesOf(a);
  return placesOf(b).some((place) => places.includes(place));
}

/** Whether a context can be opened over its weights. */
export function isThere({ state }: ObservedInstance): boolean {
  return state !== "stopping";
}

function placesOf(gpus: readonly number[]): readonly Place[] {
  return gpus.length === 0 ? [MEMORY] : gpus;
}

/** An engine divides a model among its GPUs. */
function shareOf(bytes: number, gpus: readonly number[]): number {
  return bytes / Math.max(1, gpus.length);
}
