/**
 * Replicas onto hosts and GPUs.
 *
 * In: definitions and the lock. Out: a place for every replica that meets its selectors, its data's residency, its
 * spread, its memory and what it is kept apart from; or which replica has none, and why. Promise: pure and deterministic
 * on any machine; each replica prefers hosts in an order of its own (rendezvous hashing, weighted by memory), so a small
 * change moves little; only where somebody would be left out is everything packed as tightly as it can be.
 */
import type { Definitions } from "../check/check.ts";
import { type Diagnostic, type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import { agentsIn, type Lock } from "../lock/lock.ts";
import type { Candidacy } from "./attempt.ts";
import { candidatesIn } from "./candidates.ts";
import { noHostFits } from "./crowded.ts";
import type { Placement } from "./placement.ts";
import { roomOf } from "./room.ts";
import { settle } from "./settle.ts";
import { wantedOf } from "./wanted.ts";

export { type BudgetedInstance, budgetsOf, type HostBudget, type Share } from "./budgets.ts";
export type { Placed, Placement, Wanted } from "./placement.ts";
export { rankOf, type Words, wordsOf } from "./rank.ts";
export { adaptersOf, datasetsOf, regionsOf } from "./regions.ts";

export function place(definitions: Definitions, lock: Lock | undefined): Stage<Placement> {
  const found: Diagnostic[] = [];
  // By name, so that nothing hangs on the order in which hosts were found.
  const hosts = [...definitions.hosts.values()]
    .map(({ value }) => value)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const empty = hosts.map(roomOf);
  const candidatesOf = candidatesIn(definitions, empty);
  const candidacies = wantedOf(definitions, lock, found).flatMap((wanted): Candidacy[] => {
    const grounds = candidatesOf(wanted);
    if ("code" in grounds) {
      found.push(grounds);
      return [];
    }
    return [{ wanted, grounds }];
  });
  const agentsOf = agentsIn(definitions, lock, found);
  const settled = settle(empty, candidacies);
  found.push(...settled.crowded.map((crowded) => noHostFits(crowded, settled)));
  return stageOf({ placed: settled.placed, agentsOf }, found);
}
