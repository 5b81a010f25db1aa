import {
  type Candidacy,
  rivalsOf,
  type Settled,
  settleInTurn,
  type Turn,
  turnsOf,
} from "./attempt.ts";
import { type Choice, firstChoice, tightest } from "./choice.ts";
import type { Placed } from "./placement.ts";
import { wordsOf } from "./rank.ts";
import { needOf, type Room } from "./room.ts";

/** Enough for deployments that get in one another's way; who has more of them needs more hosts. */
const MAX_TRIES = 16;
/** Orders that are tried when best fit in the usual one leaves somebody out. */
const MAX_SHUFFLES = 200;
/**
 * Pairs of a replica and a host that packing may look at beyond its first try, in each of its two ways: a second or two.
 * A large fleet gets fewer tries. A count, not a clock: the same on any machine.
 */
const MAX_PAIRS = 30_000_000;

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
  const tries = Math.floor(MAX_PAIRS / Math.max(1, pairsOf(all)));
  const attempt = (order: readonly Candidacy[], choose: Choice): Settled =>
    settleInTurn(empty, turnsOf(order), rivals, choose);
  const first = attempt(bySize, firstChoice);
  if (first.crowded.length === 0) return first;
  const urgent = withUrgentFirst(bySize, first, MAX_TRIES, (order) => attempt(order, firstChoice));
  if (urgent.crowded.length === 0) return urgent;
  const most = Math.min(MAX_TRIES, 1 + tries);
  const packed = withUrgentFirst(bySize, attempt(bySize, tightest), most, (order) =>
    attempt(order, tightest),
  );
  if (packed.crowded.length === 0) return packed;
  const turns = turnsOf(bySize);
  for (let shuffle = 0; shuffle < Math.min(MAX_SHUFFLES, tries); shuffle += 1) {
    const { placed, crowded } = settleInTurn(empty, shuffled(turns, shuffle), rivals, tightest);
    if (crowded.length === 0) return { placed: placed.toSorted(byName), crowded };
  }
  // What cannot be solved is told as it looks in the usual order.
  return first;
}

function pairsOf(all: readonly Candidacy[]): number {
  return all.reduce((sum, { wanted, grounds }) => {
    const hosts = grounds.reduce((count, { indices }) => count + indices.length, 0);
    return sum + hosts * (wanted.deployment.replicas ?? 1);
  }, 0);
}

/** Again and again, with what found no room before all others, until everything has room or nothing new is urgent. */
function withUrgentFirst(
  bySize: readonly Candidacy[],
  first: Settled,
  most: number,
  attempt: (order: readonly Candidacy[]) => Settled,
): Settled {
  const urgent = new Set<Candidacy>();
  let last = first;
  for (let tries = 1; tries < most && last.crowded.length > 0; tries += 1) {
    const before = urgent.size;
    for (const { candidacy } of last.crowded) urgent.add(candidacy);
    if (urgent.size === before) break;
    last = attempt([...urgent, ...bySize.filter((candidacy) => !urgent.has(candidacy))]);
  }
  return last;
}

/**
 * The large roughly before the small, each time by another chance that is in their names: one order in many leaves gaps
 * into which all fits. By what they take of all their GPUs and of each of them in turn, for neither is best everywhere.
 */
function shuffled(turns: readonly Turn[], shuffle: number): readonly Turn[] {
  const spread = [0.1, 0.25, 0.5][shuffle % 3] ?? 0.1;
  return turns
    .map((turn) => {
      const { wanted } = turn.candidacy;
      const [chance] = wordsOf(`${wanted.name}\n${turn.replica}\n${shuffle}`);
      const size = shuffle % 2 === 0 ? wanted.fit.total : needOf(wanted).share;
      return { turn, key: size * (1 + (chance / 2 ** 31) * spread) };
    })
    .sort((a, b) => b.key - a.key)
    .map(({ turn }) => turn);
}

function byName(a: Placed, b: Placed): number {
  return a.wanted === b.wanted ? a.replica - b.replica : a.wanted.name < b.wanted.name ? -1 : 1;
}
