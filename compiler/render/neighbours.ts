import {
  type Elsewhere,
  type HostPlan,
  type Neighbour,
  parseHostName,
  parsePublicKey,
} from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Proved } from "../sovereignty/sovereignty.ts";

/** What a host's plan says of the hosts that answer for it, and of those for which it answers. */
export type NeighboursOf = (host: string) => Pick<HostPlan, "neighbours" | "elsewhere">;

interface Known {
  readonly answers: Set<string>;
  readonly asks: Set<string>;
}

export function neighboursIn(
  definitions: Definitions,
  { relays }: Pick<Proved, "relays">,
): NeighboursOf {
  const all = new Map<string, Map<string, Known>>();
  const elsewhere = new Map<string, [string, Elsewhere][]>();
  const knownTo = (host: string, other: string): Known => {
    const neighbours = all.get(host) ?? new Map<string, Known>();
    all.set(host, neighbours);
    const known = neighbours.get(other) ?? { answers: new Set<string>(), asks: new Set<string>() };
    neighbours.set(other, known);
    return known;
  };
  for (const { host, factory, deployment, to } of relays) {
    const hosts = to.flatMap((name) => parseHostName(name) ?? []);
    const passed = elsewhere.get(host) ?? [];
    elsewhere.set(host, passed);
    const { adapters } = definitions.factories.get(factory)?.value.deployments[deployment] ?? {};
    passed.push([
      deployment,
      { factory, hosts, ...(adapters !== undefined && { adapters: [...adapters].sort() }) },
    ]);
    for (const other of to) {
      knownTo(host, other).answers.add(deployment);
      knownTo(other, host).asks.add(deployment);
    }
  }
  return (host) => {
    const neighbours = [...(all.get(host) ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, known]) => neighbourOf(definitions, name, known));
    const passed = elsewhere.get(host);
    return {
      ...(neighbours.length > 0 && { neighbours }),
      ...(passed !== undefined && { elsewhere: Object.fromEntries(passed) }),
    };
  };
}

function neighbourOf({ hosts }: Definitions, name: string, { answers, asks }: Known): Neighbour {
  const found = hosts.get(name)?.value;
  const host = parseHostName(name);
  const key = parsePublicKey(found?.key ?? "");
  const address = found?.gateway?.address;
  if (host === undefined || key === undefined || address === undefined)
    throw new Error(`impossible: ${name} has passed as a host that others reach`);
  return {
    ...{ host, key, address },
    ...(answers.size > 0 && { answers: [...answers].sort() }),
    ...(asks.size > 0 && { asks: [...asks].sort() }),
  };
}
