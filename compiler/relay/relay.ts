/**
 * Who answers for whom: tasks that come to a host which does not run their model, or whose instance is not ready.
 *
 * In: definitions, where everything stands. Out: for each host that others reach, the deployments that it passes on, each
 * with the few hosts that answer, the nearest first. Promise: pure and deterministic; hosts that say no `gateway.address`
 * pass nothing on and are asked by nobody; a host asks a few of many, each another few, so that plans stay small and a
 * host that comes or goes changes few of them. Whether data may come to the host that passes it on is proved later.
 */
import type { Host } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { type Placement, rankOf, wordsOf } from "../place/place.ts";

/** A deployment whose tasks a host passes on. */
export interface Relay {
  readonly host: string;
  readonly factory: string;
  readonly deployment: string;
  /** Hosts that answer, the nearest first. */
  readonly to: readonly string[];
}

/** Enough for two to be lost at once. */
const MOST_HOSTS = 3;

export function relaysIn(definitions: Definitions, { placed }: Placement): readonly Relay[] {
  const reached = [...definitions.hosts.values()]
    .map(({ value }) => value)
    .filter(({ gateway }) => gateway?.address !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (reached.length < 2) return [];
  const isReached = new Set(reached.map(({ name }) => name));
  const standing = new Map<string, Set<string>>();
  const factoriesOn = new Map<string, Set<string>>();
  for (const { wanted, host } of placed) {
    if (!isReached.has(host)) continue;
    setAt(standing, wanted.name).add(host);
    setAt(factoriesOn, host).add(wanted.factory);
  }
  return reached.flatMap((host) => {
    const factories = new Set([
      ...(factoriesOn.get(host.name) ?? []),
      ...(host.gateway?.factories ?? []),
    ]);
    return [...factories].sort().flatMap((factory) =>
      Object.keys(definitions.factories.get(factory)?.value.deployments ?? {}).flatMap(
        (deployment): Relay[] => {
          const others = [...(standing.get(deployment) ?? [])].filter((name) => name !== host.name);
          const to = nearest(definitions, host, deployment, others);
          return to.length === 0 ? [] : [{ host: host.name, factory, deployment, to }];
        },
      ),
    );
  });
}

/** Of the same site, then of the same region, then any; among equals in an order of its own for every pair. */
function nearest(
  { hosts }: Definitions,
  from: Host,
  deployment: string,
  names: readonly string[],
): readonly string[] {
  const asking = wordsOf(`${deployment} ${from.name}`);
  return names
    .flatMap((name) => {
      const host = hosts.get(name)?.value;
      if (host === undefined) return [];
      const far = host.site === from.site ? 0 : host.region === from.region ? 1 : 2;
      const words = wordsOf(name);
      return [{ name, far, rank: rankOf(words[0], words[1], asking) }];
    })
    .sort((a, b) => a.far - b.far || a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_HOSTS)
    .map(({ name }) => name);
}

function setAt(sets: Map<string, Set<string>>, key: string): Set<string> {
  const found = sets.get(key) ?? new Set<string>();
  sets.set(key, found);
  return found;
}
