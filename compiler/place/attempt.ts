import type { Choice } from "./choice.ts";
import type { Ground } from "./ground.ts";
import type { Placed, Wanted } from "./placement.ts";
import { wordsOf } from "./rank.ts";
import { fits, type Need, needOf, placeOf, type Room, roomFor, take } from "./room.ts";

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

/** One replica, when it is its turn. */
export interface Turn {
  readonly candidacy: Candidacy;
  readonly replica: number;
}

/** Deployments one after another, with all their replicas. */
export function turnsOf(order: readonly Candidacy[]): readonly Turn[] {
  return order.flatMap((candidacy) =>
    Array.from({ length: candidacy.wanted.deployment.replicas ?? 1 }, (_, replica) => ({
      candidacy,
      replica,
    })),
  );
}

/** Replicas one after another, each onto one of the hosts that still have room. */
export function settleInTurn(
  empty: readonly Room[],
  turns: readonly Turn[],
  rivals: Rivals,
  choose: Choice,
): Settled {
  const rooms = empty.map((room): Room => ({ ...room, gpus: [...room.gpus] }));
  const placed: Placed[] = [];
  const crowded = new Map<Candidacy, Crowded>();
  // Only hosts of deployments that others keep away from: most fleets have none.
  const standing = new Map<string, Set<number>>();
  const limits = new Map<Candidacy, Limits>();
  for (const { candidacy, replica } of turns) {
    // One report for a deployment: the replicas after this one have no place either.
    if (crowded.has(candidacy)) continue;
    const { wanted, grounds } = candidacy;
    const known = limits.get(candidacy) ?? limitsOf(candidacy, rivals, standing);
    limits.set(candidacy, known);
    const { need, apart, isOpen } = known;
    const room = choose(need, wordsOf(`${wanted.name}\n${replica}`), grounds, rooms, isOpen);
    const gpus = room && roomFor(wanted, room);
    if (room === undefined || gpus === undefined) {
      const candidates = new Set(grounds.flatMap(({ indices }) => [...indices]));
      const open = empty.flatMap((whole, index) => {
        const left = candidates.has(index) && fits(need, whole) ? rooms[index] : undefined;
        return left !== undefined && isOpen(left) ? [left] : [];
      });
      const isNear = apart.some((rival) => standing.has(rival));
      crowded.set(candidacy, { candidacy, replica, open, rivals: isNear ? apart : [] });
      continue;
    }
    take(wanted, room, gpus);
    known.hold(room);
    if (apart.length > 0) {
      const hosts = standing.get(wanted.name) ?? new Set();
      standing.set(wanted.name, hosts.add(room.index));
    }
    placed.push({ wanted, replica, host: room.host.name, gpus });
  }
  return { placed, crowded: [...crowded.values()] };
}

/** What a deployment's replicas need, and which hosts its spread and its rivals leave open to it. */
interface Limits {
  readonly need: Need;
  readonly apart: readonly string[];
  readonly isOpen: (room: Room) => boolean;
  readonly hold: (room: Room) => void;
}

function limitsOf(
  { wanted }: Candidacy,
  rivals: Rivals,
  standing: ReadonlyMap<string, ReadonlySet<number>>,
): Limits {
  const { spread } = wanted.deployment;
  const most = spread === undefined ? MAX_INSTANCES : 1;
  const apart = [...(rivals.get(wanted.name) ?? [])];
  const taken = new Map<string, number>();
  const holding = ({ host }: Room) => taken.get(placeOf(spread ?? "host", host)) ?? 0;
  return {
    ...{ need: needOf(wanted), apart },
    isOpen: (room) =>
      holding(room) < most && !apart.some((rival) => standing.get(rival)?.has(room.index)),
    hold: (room) => {
      taken.set(placeOf(spread ?? "host", room.host), holding(room) + 1);
    },
  };
}
