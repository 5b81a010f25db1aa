import type { Ground } from "./ground.ts";
import { costOf, rankOf, type Words } from "./rank.ts";
import { fits, leftAfter, type Need, type Room } from "./room.ts";

/** Which of the hosts that a replica may have, and that have room for it, it gets. */
export type Choice = (
  need: Need,
  replica: Words,
  grounds: readonly Ground[],
  rooms: readonly Room[],
  isOpen: (room: Room) => boolean,
) => Room | undefined;

/**
 * Among hosts with room, the one that this replica likes best, each liked in proportion to its memory: a host that comes
 * or goes moves only what stands on it, and the large are not empty while the small turn replicas away.
 */
export function firstChoice(
  ...[need, replica, grounds, rooms, isOpen]: Parameters<Choice>
): Room | undefined {
  let chosen: Room | undefined;
  let least = Infinity;
  for (const { weight, indices, words } of grounds) {
    let best: Room | undefined;
    let highest = -1;
    for (let at = 0; at < indices.length; at += 1) {
      const rank = rankOf(words[2 * at] ?? 0, words[2 * at + 1] ?? 0, replica);
      if (rank <= highest) continue;
      const room = rooms[indices[at] ?? 0];
      // Equal ranks: the first by name, since hosts come sorted. Few get here, so the costly questions come last.
      if (room !== undefined && isOpen(room) && fits(need, room)) {
        best = room;
        highest = rank;
      }
    }
    if (best === undefined) continue;
    const cost = costOf(highest, weight);
    if (cost < least || (cost === least && best.index < (chosen?.index ?? Infinity))) {
      chosen = best;
      least = cost;
    }
  }
  return chosen;
}

/** Among hosts with room, the one that has least left afterwards: best fit, which leaves the large gaps to the large. */
export function tightest(
  ...[need, , grounds, rooms, isOpen]: Parameters<Choice>
): Room | undefined {
  let best: Room | undefined;
  let least = Infinity;
  for (const { indices } of grounds)
    for (const index of indices) {
      const room = rooms[index];
      if (room === undefined) continue;
      const left = leftAfter(need, room);
      if (left < least && isOpen(room)) {
        best = room;
        least = left;
      }
    }
  return best;
}
