import { placeOf } from "./candidates.ts";
import type { Placed, Wanted } from "./placement.ts";
import { costOf, rankOf, type Words, wordsOf } from "./rank.ts";
import {
  classFor,
  fits,
  leftAfter,
  type Need,
  needOf,
  type Room,
  roomFor,
  take,
  weightOf,
} from "./room.ts";

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
  /** Deployments with which it shares no host, on hosts that could take it otherwise. */
  readonly rivals: readonly string[];
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
 * deployment that could stand anywhere must not keep one from the only host that it may use. Where replicas cannot all
 * stand where they would like best, they are packed as tightly as they can be: that moves more, but refuses less.
 */
export function settle(empty: readonly Room[], all: readonly Candidacy[]): Settled {
  const bySize = [...all].sort(
    ({ wanted: a }, { wanted: b }) => b.fit.total - a.fit.total || (a.name < b.name ? -1 : 1),
  );
  const rivals = rivalsOf(all);
  const attempt = (order: readonly Candidacy[], choose: Choice): Settled =>
    settleInOrder(empty, order, rivals, choose);
  const first = attempt(bySize, firstChoice);
  if (first.crowded.length === 0) return first;
  for (const choose of [firstChoice, tightest]) {
    const last = withUrgentFirst(
      bySize,
      choose === firstChoice ? first : attempt(bySize, choose),
      (order) => attempt(order, choose),
    );
    if (last.crowded.length === 0) return last;
  }
  // What cannot be solved is told as it looks in the usual order.
  return first;
}

/** Again and again, with what found no room before all others, until everything has room or nothing new is urgent. */
function withUrgentFirst(
  bySize: readonly Candidacy[],
  first: Settled,
  attempt: (order: readonly Candidacy[]) => Settled,
): Settled {
  const urgent = new Set<Candidacy>();
  let last = first;
  for (let tries = 1; tries < MAX_TRIES && last.crowded.length > 0; tries += 1) {
    const before = urgent.size;
    for (const { candidacy } of last.crowded) urgent.add(candidacy);
    if (urgent.size === before) break;
    last = attempt([...urgent, ...bySize.filter((candidacy) => !urgent.has(candidacy))]);
  }
  return last;
}

/** Of each deployment, those with which it shares no host: it is enough that one of two says so. */
type Rivals = ReadonlyMap<string, ReadonlySet<string>>;

function rivalsOf(all: readonly Candidacy[]): Rivals {
  const rivals = new Map<string, Set<string>>();
  const add = (one: string, other: string) => {
    const known = rivals.get(one) ?? new Set();
    rivals.set(one, known.add(other));
  };
  for (const { wanted } of all)
    for (const other of wanted.deployment.antiAffinity ?? []) {
      add(wanted.name, other);
      add(other, wanted.name);
    }
  return rivals;
}

/** Which of the hosts that a replica may have, and that have room for it, it gets. */
type Choice = (
  need: Need,
  replica: Words,
  /** By weight: among hosts of one weight the rank alone decides. */
  classes: readonly (readonly Room[])[],
  isOpen: (room: Room) => boolean,
) => Room | undefined;

function settleInOrder(
  empty: readonly Room[],
  order: readonly Candidacy[],
  rivals: Rivals,
  choose: Choice,
): Settled {
  const rooms = empty.map((room): Room => ({ ...room, gpus: [...room.gpus] }));
  const placed: Placed[] = [];
  const crowded: Crowded[] = [];
  // Only hosts of deployments that others keep away from: most fleets have none.
  const standing = new Map<string, Set<number>>();
  for (const candidacy of order) {
    const { wanted, hosts } = candidacy;
    const { spread, replicas = 1 } = wanted.deployment;
    const most = spread === undefined ? MAX_INSTANCES : 1;
    const apart = [...(rivals.get(wanted.name) ?? [])];
    const shunned = new Set(apart.flatMap((rival) => [...(standing.get(rival) ?? [])]));
    const taken = new Map<string, number>();
    const holding = ({ host }: Room) => taken.get(placeOf(spread ?? "host", host)) ?? 0;
    const isOpen = (room: Room) => holding(room) < most;
    const need = needOf(wanted);
    const byClass: Room[][] = [];
    for (const { index } of hosts) {
      const room = rooms[index];
      if (room === undefined || shunned.has(index)) continue;
      const own = classFor(need, room);
      const known = byClass[own];
      if (known === undefined) byClass[own] = [room];
      else known.push(room);
    }
    // Without the classes in which no host is.
    const classes = byClass.filter(() => true);
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = wordsOf(`${wanted.name}\n${replica}`);
      const room = choose(need, own, classes, isOpen);
      const gpus = room && roomFor(wanted, room);
      if (room === undefined || gpus === undefined) {
        const open = classes
          .flat()
          .filter(isOpen)
          .sort((a, b) => a.index - b.index);
        // One report for a deployment: the replicas after this one have no place either.
        crowded.push({ candidacy, replica, open, rivals: shunned.size > 0 ? apart : [] });
        break;
      }
      take(wanted, room, gpus);
      taken.set(placeOf(spread ?? "host", room.host), holding(room) + 1);
      if (apart.length > 0) {
        const known = standing.get(wanted.name) ?? new Set();
        standing.set(wanted.name, known.add(room.index));
      }
      placed.push({ wanted, replica, host: room.host.name, gpus });
    }
  }
  return { placed, crowded };
}

/**
 * Among hosts with room, the one that this replica likes best, each liked in proportion to its memory: a host that comes
 * or goes moves only what stands on it, and the large are not empty while the small turn replicas away.
 */
function firstChoice(...[need, replica, classes, isOpen]: Parameters<Choice>): Room | undefined {
  let chosen: Room | undefined;
  let least = Infinity;
  for (const rooms of classes) {
    let best: Room | undefined;
    let highest = -1;
    for (const room of rooms) {
      const rank = rankOf(room.words, replica);
      // Equal ranks: the first by name, since hosts come sorted. Few get past the first question, so it comes first.
      if (rank > highest && isOpen(room) && fits(need, room)) {
        best = room;
        highest = rank;
      }
    }
    if (best === undefined) continue;
    const cost = costOf(highest, weightOf(classFor(need, best)));
    if (cost < least || (cost === least && best.index < (chosen?.index ?? Infinity))) {
      chosen = best;
      least = cost;
    }
  }
  return chosen;
}

/** Among hosts with room, the one that has least left afterwards: best fit, which leaves the large gaps to the large. */
function tightest(...[need, , classes, isOpen]: Parameters<Choice>): Room | undefined {
  let best: Room | undefined;
  let least = Infinity;
  for (const rooms of classes)
    for (const room of rooms) {
      const left = leftAfter(need, room);
      if (left < least && isOpen(room) && fits(need, room)) {
        best = room;
        least = left;
      }
    }
  return best;
}
