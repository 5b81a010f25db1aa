/**
 * Replicas onto hosts and GPUs.
 *
 * In: definitions and the lock. Out: a place for every replica that meets its selectors, its data's residency, its
 * spread and its memory; or which replica has none, and why. Promise: pure and deterministic on any machine; each
 * replica prefers hosts in an order of its own (rendezvous hashing), so a small change moves little.
 */
import { createHash } from "node:crypto";
import type { Definitions } from "../check/check.ts";
import { type Diagnostic, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import type { Lock } from "../lock/lock.ts";
import type { Placed, Placement, Room, Wanted } from "./placement.ts";
import { refusal } from "./refusal.ts";
import { unknownRegions } from "./regions.ts";
import { matches, mayStand, roomFor, roomOf, take } from "./room.ts";
import { wantedOf } from "./wanted.ts";

export type { Placed, Placement, Wanted } from "./placement.ts";
export { datasetsOf, regionsOf } from "./regions.ts";

export function place(definitions: Definitions, lock: Lock | undefined): Stage<Placement> {
  const found: Diagnostic[] = [...unknownRegions(definitions)];
  const rooms = [...definitions.hosts.values()].map(({ value }) => roomOf(value));
  const placed: Placed[] = [];
  for (const wanted of largestFirst(wantedOf(definitions, lock, found))) {
    const candidates = rooms.filter(({ host }) => matches(wanted, host) && mayStand(wanted, host));
    for (let replica = 0; replica < (wanted.deployment.replicas ?? 1); replica += 1) {
      const spot = choose(wanted, replica, candidates, placed);
      if (spot === undefined) {
        // One report for a deployment: the replicas after this one have no place either.
        found.push(refusal(definitions, wanted, replica, rooms, placed));
        break;
      }
      take(wanted, spot.room, spot.gpus);
      placed.push({ wanted, replica, host: spot.room.host.name, gpus: spot.gpus });
    }
  }
  return stageOf({ placed }, found);
}

/** Large ones are hard to place, so they go first; names decide between equals. */
function largestFirst(all: readonly Wanted[]): readonly Wanted[] {
  return [...all].sort((a, b) => b.fit.total - a.fit.total || (a.name < b.name ? -1 : 1));
}

/** The first host in the replica's own order that has room and keeps the spread. */
function choose(
  wanted: Wanted,
  replica: number,
  candidates: readonly Room[],
  placed: readonly Placed[],
): { readonly room: Room; readonly gpus: readonly number[] } | undefined {
  const { spread } = wanted.deployment;
  const siblings = new Set(
    placed.filter((other) => other.wanted === wanted).map(({ host }) => host),
  );
  const taken = new Set(
    spread === "site"
      ? candidates.filter(({ host }) => siblings.has(host.name)).map(({ host }) => host.site)
      : siblings,
  );
  const ordered = candidates
    .map((room) => ({ room, rank: rank(room.host.name, wanted.name, replica) }))
    .sort((a, b) => (a.rank < b.rank ? 1 : -1));
  for (const { room } of ordered) {
    if (spread !== undefined && taken.has(spread === "site" ? room.host.site : room.host.name))
      continue;
    const gpus = roomFor(wanted, room);
    if (gpus !== undefined) return { room, gpus };
  }
  return undefined;
}

/** Highest random weight (Thaler and Ravishankar, 1998): each replica ranks all hosts, whatever other hosts there are. */
function rank(host: string, deployment: string, replica: number): string {
  return createHash("sha256").update(`${host}\n${deployment}\n${replica}`).digest("hex");
}
