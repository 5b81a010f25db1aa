import { placeOf } from "./candidates.ts";
import type { Choice } from "./choice.ts";
import type { Ground } from "./ground.ts";
import type { Placed, Wanted } from "./placement.ts";
import { wordsOf } from "./rank.ts";
import { fits, needOf, type Room, roomFor, take } from "./room.ts";

/** A deployment, and where it could stand. */
export interface Candidacy {
  readonly wanted: Wanted;
  /** The hosts that may take it, and at least one of them could, empty. */
  readonly grounds: readonly Ground[];
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

/** A plan holds no more instances of one deployment. */
export const MAX_INSTANCES = 1000;

/** Of each deployment, those with which it shares no host: it is enough that one of two says so. */
export type Rivals = ReadonlyMap<string, ReadonlySet<string>>;

export function rivalsOf(all: readonly Candidacy[]): Rivals {
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

/** Deployments one after another, each replica onto one of the hosts that still have room. */
export function settleInOrder(
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
    const { wanted, grounds } = candidacy;
    const { spread, replicas = 1 } = wanted.deployment;
    const most = spread === undefined ? MAX_INSTANCES : 1;
    const apart = [...(rivals.get(wanted.name) ?? [])];
    const shunned = new Set(apart.flatMap((rival) => [...(standing.get(rival) ?? [])]));
    const taken = new Map<string, number>();
    const holding = ({ host }: Room) => taken.get(placeOf(spread ?? "host", host)) ?? 0;
    const isOpen = (room: Room) => holding(room) < most && !shunned.has(room.index);
    const need = needOf(wanted);
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = wordsOf(`${wanted.name}\n${replica}`);
      const room = choose(need, own, grounds, rooms, isOpen);
      const gpus = room && roomFor(wanted, room);
      if (room === undefined || gpus === undefined) {
        const candidates = new Set(grounds.flatMap(({ indices }) => [...indices]));
        const open = empty.flatMap((whole, index) => {
          const left = candidates.has(index) && fits(need, whole) ? rooms[index] : undefined;
          return left !== undefined && isOpen(left) ? [left] : [];
        });
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
