import { classifications } from "@millwright/schema";
import { conditionsOf, type Definitions, meets } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { type Ground, groundsOf } from "./ground.ts";
import type { Wanted } from "./placement.ts";
import {
  doesNotFit,
  noClearance,
  noHosts,
  notEnoughHosts,
  retiredEverywhere,
  wrongRegions,
} from "./refusal.ts";
import { fits, needOf, placeOf, type Room } from "./room.ts";

interface Allowed {
  readonly rooms: readonly Room[];
  readonly grounds: readonly Ground[];
}

/**
 * Says where a deployment may stand, of which at least one host would be large enough if it were empty; or the first of
 * its conditions that leaves none. Deployments that ask for the same share what was found.
 */
export function candidatesIn(
  definitions: Definitions,
  empty: readonly Room[],
): (wanted: Wanted) => readonly Ground[] | Diagnostic {
  const known = new Map<string, Allowed>();
  const retired = new Set(empty.flatMap(({ host }) => host.retired ?? []));
  return (wanted) => {
    if (empty.length === 0) return noHosts(wanted);
    // What some hosts are to let go of has conditions of its own.
    const key = conditionsKey(wanted) + (retired.has(wanted.name) ? wanted.name : "");
    const allowed = known.get(key) ?? allowedFor(definitions, wanted, empty);
    if ("code" in allowed) return allowed;
    known.set(key, allowed);
    const need = needOf(wanted);
    const isLarge = (room: Room) => fits(need, room);
    if (!allowed.rooms.some(isLarge)) return doesNotFit(wanted, allowed.rooms);
    const { spread, replicas = 1 } = wanted.deployment;
    if (spread !== undefined) {
      const places = placesUpTo(replicas, spread, allowed.rooms, isLarge);
      if (places < replicas) return notEnoughHosts(wanted, spread, places);
    }
    return allowed.grounds;
  };
}

function conditionsKey({ deployment, regions, classification }: Wanted): string {
  const conditions = conditionsOf(deployment).toSorted();
  const allowed = regions === undefined ? null : [...regions].sort();
  return JSON.stringify([conditions, allowed, classification, (deployment.gpus ?? 0) > 0]);
}

function allowedFor(
  definitions: Definitions,
  wanted: Wanted,
  empty: readonly Room[],
): Allowed | Diagnostic {
  const meet = meeting(wanted, empty);
  if (meet.length === 0)
    throw new Error(`impossible: no host meets what ${wanted.name} asks for, and it has passed`);
  const matching = meet.filter(({ host }) => !host.retired?.includes(wanted.name));
  if (matching.length === 0) return retiredEverywhere(definitions, wanted, meet);
  const { regions, classification, deployment } = wanted;
  const level = classifications.indexOf(classification);
  const inRegion =
    regions === undefined ? matching : matching.filter(({ host }) => regions.has(host.region));
  if (inRegion.length === 0) return wrongRegions(definitions, wanted, matching);
  const allowed = inRegion.filter(
    ({ host: { clearance } }) =>
      clearance === undefined || level <= classifications.indexOf(clearance),
  );
  if (allowed.length === 0) return noClearance(definitions, wanted, inRegion);
  const onGpus = (deployment.gpus ?? 0) > 0;
  const able = onGpus ? allowed.filter(({ gpus }) => gpus.length > 0) : allowed;
  return { rooms: allowed, grounds: groundsOf(able, onGpus) };
}

function placesUpTo(
  most: number,
  spread: "host" | "site",
  rooms: readonly Room[],
  isLarge: (room: Room) => boolean,
): number {
  const places = new Set<string>();
  for (const room of rooms) {
    if (places.size >= most) break;
    if (isLarge(room)) places.add(placeOf(spread, room.host));
  }
  return places.size;
}

function meeting({ deployment }: Wanted, rooms: readonly Room[]): readonly Room[] {
  const conditions = conditionsOf(deployment);
  return conditions.length === 0
    ? rooms
    : rooms.filter(({ host }) => conditions.every((condition) => meets(host, condition)));
}
