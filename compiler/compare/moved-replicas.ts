import type { Placed } from "../place/place.ts";
import type { MovedReplica } from "./comparison.ts";

/** Replicas that stand on another host. Which of a deployment's replicas has which number says nothing: hosts are compared. */
export function movedReplicas(
  before: readonly Placed[],
  after: readonly Placed[],
): readonly MovedReplica[] {
  const [was, is] = [hostsOf(before), hostsOf(after)];
  return [...is].flatMap(([deployment, now]) => {
    const then = was.get(deployment) ?? [];
    const left = without(then, now);
    const arrived = without(now, then);
    return arrived.flatMap(({ host: to, replica }, index): readonly MovedReplica[] => {
      const from = left[index]?.host;
      return from === undefined ? [] : [{ deployment, replica, from, to }];
    });
  });
}

type Stand = Pick<Placed, "host" | "replica">;

function hostsOf(placed: readonly Placed[]): ReadonlyMap<string, readonly Stand[]> {
  return Map.groupBy(placed, ({ wanted }) => wanted.name);
}

/** Those that have no counterpart on the same host. */
function without(all: readonly Stand[], others: readonly Stand[]): readonly Stand[] {
  const counts = new Map<string, number>();
  for (const { host } of others) counts.set(host, (counts.get(host) ?? 0) + 1);
  return all.filter(({ host }) => {
    const count = counts.get(host) ?? 0;
    counts.set(host, count - 1);
    return count <= 0;
  });
}
