import type { Host } from "@millwright/schema";
import { conditionsOf, type Definitions, meets } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Wanted } from "./placement.ts";
import { doesNotFit, noHosts, notEnoughHosts, wrongRegions } from "./refusal.ts";
import { fits, needOf, type Room } from "./room.ts";

/** The hosts (by their places) on which a deployment could stand if they were empty; or the first of its conditions that leaves none. */
export function candidatesFor(
  definitions: Definitions,
  wanted: Wanted,
  empty: readonly Room[],
): readonly number[] | Diagnostic {
  if (empty.length === 0) return noHosts(wanted);
  const matching = meeting(wanted, empty);
  if (matching.length === 0)
    throw new Error(`impossible: no host meets what ${wanted.name} asks for, and it has passed`);
  const allowed = matching.filter(({ host }) => wanted.regions?.has(host.region) ?? true);
  if (allowed.length === 0) return wrongRegions(definitions, wanted, matching);
  const need = needOf(wanted);
  const large = allowed.filter((room) => fits(need, room));
  if (large.length === 0) return doesNotFit(wanted, allowed);
  const { spread, replicas = 1 } = wanted.deployment;
  if (spread !== undefined) {
    const places = new Set(large.map(({ host }) => placeOf(spread, host)));
    if (places.size < replicas) return notEnoughHosts(wanted, spread, places.size);
  }
  return large.map(({ index }) => index);
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
