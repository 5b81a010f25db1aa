import type { Host } from "@millwright/schema";
import { placeOf } from "./candidates.ts";
import type { Placed, Wanted } from "./placement.ts";
import { rankOf, type Words, wordsOf } from "./rank.ts";
import { fits, type Need, needOf, type Room, roomFor, roomOf, take } from "./room.ts";

/** A deployment and the hosts that could take it. */
export interface Candidacy {
  readonly wanted: Wanted;
  readonly hosts: readonly Host[];
}

/** A replica for which there was no room left. */
export interface Crowded {
  readonly candidacy: Candidacy;
  readonly replica: number;
  /** Hosts that could take it by all but their room; none where each holds as many of its siblings as it may. */
  readonly open: readonly Host[];
}

/** Where everything came to stand, what was left of the hosts, and what found no room. */
export interface Settled {
  readonly placed: readonly Placed[];
  readonly rooms: ReadonlyMap<string, Room>;
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
export function settle(hosts: readonly Host[], all: readonly Candidacy[]): Settled {
  const bySize = [...all].sort(
    ({ wanted: a }, { wanted: b }) => b.fit.total - a.fit.total || (a.name < b.name ? -1 : 1),
  );
  const ranked = hosts.map((host) => ({ host, words: wordsOf(host.name) }));
  const first = settleInOrder(ranked, bySize);
  const urgent = new Set<Candidacy>();
  let last = first;
  for (let tries = 1; tries < MAX_TRIES && last.crowded.length > 0; tries += 1) {
    const before = urgent.size;
    for (const { candidacy } of last.crowded) urgent.add(candidacy);
    if (urgent.size === before) break;
    const others = bySize.filter((candidacy) => !urgent.has(candidacy));
    last = settleInOrder(ranked, [...urgent, ...others]);
  }
  // What cannot be solved is told as it looks in the usual order.
  return last.crowded.length === 0 ? last : first;
}

/** A host, and its words for ranking. */
interface Ranked {
  readonly host: Host;
  readonly words: Words;
}

/** What is left of a host while replicas are put on it. */
interface Standing {
  readonly room: Room;
  readonly words: Words;
}

function settleInOrder(hosts: readonly Ranked[], order: readonly Candidacy[]): Settled {
  const standings = new Map(
    hosts.map(({ host, words }): [string, Standing] => [host.name, { room: roomOf(host), words }]),
  );
  const placed: Placed[] = [];
  const crowded: Crowded[] = [];
  for (const candidacy of order) {
    const { wanted } = candidacy;
    const candidates: Standing[] = [];
    for (const { name } of candidacy.hosts) {
      const standing = standings.get(name);
      if (standing !== undefined) candidates.push(standing);
    }
    const need = needOf(wanted);
    const taken = new Map<string, number>();
    const { spread, replicas = 1 } = wanted.deployment;
    const place = (host: Host) => placeOf(spread ?? "host", host);
    const most = spread === undefined ? MAX_INSTANCES : 1;
    for (let replica = 0; replica < replicas; replica += 1) {
      const open =
        taken.size === 0
          ? candidates
          : candidates.filter(({ room }) => (taken.get(place(room.host)) ?? 0) < most);
      const room = firstChoice(need, wordsOf(`${wanted.name}\n${replica}`), open);
      const gpus = room && roomFor(wanted, room);
      if (room === undefined || gpus === undefined) {
        // One report for a deployment: the replicas after this one have no place either.
        crowded.push({ candidacy, replica, open: open.map((each) => each.room.host) });
        break;
      }
      take(wanted, room, gpus);
      taken.set(place(room.host), (taken.get(place(room.host)) ?? 0) + 1);
      placed.push({ wanted, replica, host: room.host.name, gpus });
    }
  }
  const rooms = new Map([...standings].map(([name, { room }]) => [name, room]));
  return { placed, rooms, crowded };
}

/** Among hosts with room, the one that this replica ranks highest: a host that comes or goes moves only what stands on it. */
function firstChoice(need: Need, replica: Words, open: readonly Standing[]): Room | undefined {
  let best: Room | undefined;
  let highest = -1;
  for (const { room, words } of open) {
    const rank = rankOf(words, replica);
    // Equal ranks: the first by name, since hosts come sorted.
    if (rank > highest && fits(need, room)) {
      best = room;
      highest = rank;
    }
  }
  return best;
}
