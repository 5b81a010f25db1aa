/**
 * What a change does, before it is merged: to every host, to what runs there, and to where data goes.
 *
 * In: what two commits compile to. Out: a comparison, as plain values.
 * Promise: pure. A host whose plan is the same to the byte is untouched; instances restart by the notion that agents
 * have of one (`instancesOf`); nothing is said of a host that its two plans do not say.
 */
import type { HostName } from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import { budgetsOf, type HostBudget } from "../place/place.ts";
import type { RenderedPlan } from "../render/render.ts";
import type { Comparison } from "./comparison.ts";
import { definitionChanges } from "./definition-changes.ts";
import { type HostSide, hostChange } from "./host-change.ts";
import { labelChanges } from "./label-changes.ts";
import { movedReplicas } from "./moved-replicas.ts";

export type {
  BlobChange,
  Comparison,
  DefinitionChange,
  HostChange,
  InstanceChange,
  LabelChange,
  MemoryChange,
  MovedReplica,
  RouteChange,
} from "./comparison.ts";

/** `before` is absent where there were no definitions yet: everything is new then. */
export function compare(before: Compiled | undefined, after: Compiled): Comparison {
  const plansBefore = before?.plans ?? new Map<HostName, RenderedPlan>();
  const all = [...new Set([...plansBefore.keys(), ...after.plans.keys()])].sort();
  const isTouched = (host: HostName) =>
    plansBefore.get(host)?.digest !== after.plans.get(host)?.digest;
  const touched = all.filter(isTouched);
  const was = before === undefined ? undefined : sidesOf(before, touched);
  const is = sidesOf(after, touched);
  const hosts = touched.map((host) => hostChange(host, was?.get(host), is.get(host)));
  return {
    roots: {
      ...(before !== undefined && { before: before.tree.root }),
      after: after.tree.root,
    },
    definitions: definitionChanges(before?.definitions, after.definitions),
    hosts,
    untouched: [...after.plans]
      .filter(([host]) => !isTouched(host))
      .map(([host, { digest }]) => ({ host, digest }))
      .sort((a, b) => (a.host < b.host ? -1 : 1)),
    fetch: hosts.flatMap(({ fetch }) => fetch).reduce((total, { size }) => total + size, 0),
    moved: movedReplicas(before?.proved.placed ?? [], after.proved.placed),
    labels: labelChanges(before?.proved.labels ?? new Map(), after.proved.labels),
    // What a host follows when the change arrives is the plan before.
    windows: touched.length === 0 ? [] : ([...plansBefore.values()][0]?.plan.freeze ?? []),
  };
}

/** The touched hosts alone: nothing is worked out for the others. */
function sidesOf(
  { plans, definitions, proved }: Compiled,
  touched: readonly HostName[],
): ReadonlyMap<HostName, HostSide> {
  const isTouched = new Set<string>(touched);
  const hosts = new Map([...definitions.hosts].filter(([name]) => isTouched.has(name)));
  const placed = proved.placed.filter(({ host }) => isTouched.has(host));
  const budgets = new Map<string, HostBudget>(
    budgetsOf({ ...definitions, hosts }, placed).map((budget) => [budget.host, budget]),
  );
  return new Map(
    touched.flatMap((host): readonly (readonly [HostName, HostSide])[] => {
      const rendered: RenderedPlan | undefined = plans.get(host);
      const budget = budgets.get(host);
      return rendered === undefined || budget === undefined ? [] : [[host, { rendered, budget }]];
    }),
  );
}
