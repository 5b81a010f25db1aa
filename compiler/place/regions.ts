import { type Classification, classifications, type Deployment } from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";

/**
 * A residency with its groups resolved: the regions themselves. A group may hold groups; a circle adds nothing.
 * A group that holds its own name means the region of that name.
 */
export function regionsOf(
  residency: readonly string[],
  groups: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> {
  const regions = new Set<string>();
  const open = [...residency];
  const seen = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const members = Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (members === undefined || members.includes(name)) regions.add(name);
    if (members !== undefined) open.push(...members);
  }
  return regions;
}

/** Every adapter of a deployment, each once: the one that it answers with, and those that callers ask for. */
export function adaptersOf({
  adapter,
  adapters = [],
}: Pick<Deployment, "adapter" | "adapters">): readonly string[] {
  return [...new Set([...(adapter === undefined ? [] : [adapter]), ...adapters])];
}

/** The datasets whose rules a deployment is under: those its factory reads, and those its adapters learned from. */
export function datasetsOf(
  { datasets, adapters, factories }: Definitions,
  factory: string,
  over: readonly string[],
): readonly Found<"dataset">[] {
  const names = new Set([
    ...(factories.get(factory)?.value.reads ?? []),
    ...over.flatMap((adapter) => adapters.get(adapter)?.value.trainedOn ?? []),
  ]);
  return [...names].sort().flatMap((name) => datasets.get(name) ?? []);
}

/** The most secret of some data. What no dataset declares is taken for internal. */
export function classificationOf(
  { factories }: Definitions,
  factory: string,
  datasets: readonly Found<"dataset">[],
): Classification {
  const declared = (factories.get(factory)?.value.reads ?? []).length > 0;
  const levels = datasets.map(({ value }) => classifications.indexOf(value.classification));
  const least = declared ? 0 : classifications.indexOf("internal");
  return classifications[Math.max(least, ...levels)] ?? "restricted";
}

/** Where data under all these rules may be; `undefined` when there are none. */
export function commonRegions(
  datasets: readonly Found<"dataset">[],
  groups: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> | undefined {
  const each = datasets.map(({ value }) => regionsOf(value.residency, groups));
  return each.length === 0
    ? undefined
    : each.reduce((common, regions) => common.intersection(regions));
}
