import type { Comparison, HostChange, MemoryChange } from "../compare/compare.ts";

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

function keyOf({ change, fetch, instances, kept, routes, others }: HostChange): string {
  const actions = instances.map((each) => [each.deployment, each.change, each.why]);
  return JSON.stringify([change, fetch, actions, kept, routes, others]);
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
