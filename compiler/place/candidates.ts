import { classifications, type Host } from "@millwright/schema";
import { conditionsOf, type Definitions, meets } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Wanted } from "./placement.ts";
import { doesNotFit, noClearance, noHosts, notEnoughHosts, wrongRegions } from "./refusal.ts";
import { fits, needOf, type Room } from "./room.ts";

/** The hosts on which a deployment could stand if they were empty; or the first of its conditions that leaves none. */
export function candidatesFor(
  definitions: Definitions,
  wanted: Wanted,
  empty: readonly Room[],
): readonly Room[] | Diagnostic {
  if (empty.length === 0) return noHosts(wanted);
  const matching = meeting(wanted, empty);
  if (matching.length === 0)
    throw new Error(`impossible: no host meets what ${wanted.name} asks for, and it has passed`);
  const need = needOf(wanted);
  const { regions, classification } = wanted;
  const level = classifications.indexOf(classification);
  const isInRegion = ({ host }: Room) => regions === undefined || regions.has(host.region);
  const isCleared = ({ host: { clearance } }: Room) =>
    clearance === undefined || level <= classifications.indexOf(clearance);
  const isAllowed = (room: Room) => isInRegion(room) && isCleared(room);
  const open = matching.filter((room) => isAllowed(room) && fits(need, room));
  if (open.length === 0) {
    const inRegion = matching.filter(isInRegion);
    if (inRegion.length === 0) return wrongRegions(definitions, wanted, matching);
    const allowed = inRegion.filter(isCleared);
    return allowed.length === 0
      ? noClearance(definitions, wanted, inRegion)
      : doesNotFit(wanted, allowed);
  }
  const { spread, replicas = 1 } = wanted.deployment;
  if (spread !== undefined) {
    const places = placesOf(spread, open);
    if (places < replicas) return notEnoughHosts(wanted, spread, places);
  }
  return open;
}

function placesOf(spread: "host" | "site", rooms: readonly Room[]): number {
  return spread === "host" ? rooms.length : new Set(rooms.map(({ host }) => host.site)).size;
}

/** What two replicas of a deployment that is spread must not share. */
export function placeOf(spread: "host" | "site", host: Host): string {
  return spread === "host" ? host.name : host.site;
}

function meeting({ deployment }: Wanted, rooms: readonly Room[]): readonly Room[] {
  const conditions = conditionsOf(deployment);
  return conditions.length === 0
    ? rooms
    : rooms.filter(({ host }) => conditions.every((condition) => meets(host, condition)));
}
