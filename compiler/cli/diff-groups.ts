import type { Comparison, HostChange, InstanceChange, MemoryChange } from "../compare/compare.ts";

/** Hosts to which the same happens. */
export interface HostGroup {
  readonly hosts: readonly HostChange[];
  /** Any of them: what happens is the same, but for numbers of replicas and for memory. */
  readonly like: HostChange;
}

/** A thousand hosts in a few lines: the largest group first. */
export function groupsOf({ hosts }: Comparison): readonly HostGroup[] {
  const groups = Map.groupBy(hosts, keyOf);
  return [...groups.values()]
    .flatMap((same) => same.slice(0, 1).map((like) => ({ hosts: same, like })))
    .sort((a, b) => b.hosts.length - a.hosts.length);
}

function keyOf({ instances, host, before, after, memory, ...same }: HostChange): string {
  const actions = instances.map((each) => [each.deployment, each.change, each.why]);
  return JSON.stringify([actions, same]);
}

/** Memory that does not hold what is in it for a while: the agent cannot start all that is to stand beside the old. */
export function overfull({
  hosts,
}: Comparison): readonly (MemoryChange & { readonly host: string })[] {
  return hosts.flatMap(({ host, memory }) =>
    memory.filter(({ during, size }) => during > size).map((each) => ({ host, ...each })),
  );
}

/** What happens to the instances of one deployment, over all hosts. */
export interface FleetAction {
  readonly instance: InstanceChange;
  readonly hosts: readonly string[];
}

/** The same actions, told by deployment: short where no two hosts are alike. */
export function actionsOf(groups: readonly HostGroup[]): readonly FleetAction[] {
  const all = groups.flatMap(({ hosts }) =>
    hosts.flatMap(({ host, instances }) => instances.map((instance) => ({ host, instance }))),
  );
  const same = Map.groupBy(all, ({ instance: { deployment, change, why } }) =>
    JSON.stringify([deployment, change, why]),
  );
  return [...same.values()].flatMap((each) =>
    each
      .slice(0, 1)
      .map(({ instance }) => ({ instance, hosts: [...new Set(each.map(({ host }) => host))] })),
  );
}

/** Where memory gets tightest in a group, main memory first, then by GPU. */
export function tightest({
  hosts,
}: HostGroup): readonly (MemoryChange & { readonly host: string })[] {
  const all = hosts.flatMap(({ host, memory }) => memory.map((each) => ({ host, ...each })));
  const byPlace = Map.groupBy(all, ({ gpu }) => gpu ?? -1);
  const fullness = ({ during, size }: MemoryChange) => during / Math.max(1, size);
  return [...byPlace]
    .sort(([a], [b]) => a - b)
    .flatMap(([, each]) =>
      each.reduce((most, one) => (fullness(one) > fullness(most) ? one : most)),
    );
}
