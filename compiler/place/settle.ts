import { placeOf } from "./candidates.ts";
import type { Placed, Wanted } from "./placement.ts";
import { rankOf, type Words, wordsOf } from "./rank.ts";
import { fits, type Need, needOf, type Room, roomFor, take } from "./room.ts";

/** A deployment, and where it could stand. */
export interface Candidacy {
  readonly wanted: Wanted;
  /** The hosts that could take it, empty. */
  readonly hosts: readonly Room[];
}

/** A replica for which there was no room left. */
export interface Crowded {
  readonly candidacy: Candidacy;
  readonly replica: number;
  /** What is left of the hosts that could take it by all but their room; none where each holds as many of its siblings as it may. */
  readonly open: readonly Room[];
}

/** Where everything came to stand, and what found no room. */
export interface Settled {
  readonly placed: readonly Placed[];
  readonly crowded: readonly Crowded[];
}

/** Enough for deployments that get in one another's way; who has more of them needs more hosts. */
const MAX_TRIES = 16;
/** A plan holds no more instances of one deployment. */
export const MAX_INSTANCES = 1000;

/**
 * Large ones are hard to place, so they go first. What finds no room then goes before them in another try: a
 * deployment that could stand anywhere must not keep one from the only host that it may use.
 */
export function settle(empty: readonly Room[], all: readonly Candidacy[]): Settled {
  const bySize = [...all].sort(
    ({ wanted: a }, { wanted: b }) => b.fit.total - a.fit.total || (a.name < b.name ? -1 : 1),
  );
  const first = settleInOrder(empty, bySize);
  const urgent = new Set<Candidacy>();
  let last = first;
  for (let tries = 1; tries < MAX_TRIES && last.crowded.length > 0; tries += 1) {
    const before = urgent.size;
    for (const { candidacy } of last.crowded) urgent.add(candidacy);
    if (urgent.size === before) break;
    const others = bySize.filter((candidacy) => !urgent.has(candidacy));
    last = settleInOrder(empty, [...urgent, ...others]);
  }
  // What cannot be solved is told as it looks in the usual order.
  return last.crowded.length === 0 ? last : first;
}

function settleInOrder(empty: readonly Room[], order: readonly Candidacy[]): Settled {
  const rooms = empty.map((room): Room => ({ ...room, gpus: [...room.gpus] }));
  const placed: Placed[] = [];
  const crowded: Crowded[] = [];
  for (const candidacy of order) {
    const { wanted, hosts } = candidacy;
    const { spread, replicas = 1 } = wanted.deployment;
    const most = spread === undefined ? MAX_INSTANCES : 1;
    const taken = new Map<string, number>();
    const holding = ({ host }: Room) => taken.get(placeOf(spread ?? "host", host)) ?? 0;
    const isOpen = (room: Room) => holding(room) < most;
    const candidates: Room[] = [];
    for (const { index } of hosts) {
      const room = rooms[index];
      if (room !== undefined) candidates.push(room);
    }
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = wordsOf(`${wanted.name}\n${replica}`);
      const room = firstChoice(needOf(wanted), own, candidates, isOpen);
      const gpus = room && roomFor(wanted, room);
      if (room === undefined || gpus === undefined) {
        const open = candidates.filter(isOpen);
        // One report for a deployment: the replicas after this one have no place either.
        crowded.push({ candidacy, replica, open });
        break;
      }
      take(wanted, room, gpus);
      taken.set(placeOf(spread ?? "host", room.host), holding(room) + 1);
      placed.push({ wanted, replica, host: room.host.name, gpus });
    }
  }
  return { placed, crowded };
}

/** Among hosts with room, the one that this replica ranks highest: a host that comes or goes moves only what stands on it. */
function firstChoice(
  need: Need,
  replica: Words,
  candidates: readonly Room[],
  isOpen: (room: Room) => boolean,
): Room | undefined {
  let best: Room | undefined;
  let highest = -1;
  for (const room of candidates) {
    const rank = rankOf(room.words, replica);
    // Equal ranks: the first by name, since hosts come sorted. Few get past the first question, so it comes first.
    if (rank > highest && isOpen(room) && fits(need, room)) {
      best = room;
      highest = rank;
    }
  }
  return best;
}
