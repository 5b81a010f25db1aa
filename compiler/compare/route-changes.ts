import type { HostPlan } from "@millwright/schema";
import type { RouteChange } from "./comparison.ts";

/** Routes that other deployments answer, or the same in another order. */
export function routeChanges(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
): readonly RouteChange[] {
  const names = new Set([before, after].flatMap((plan) => Object.keys(plan?.routes ?? {})));
  return [...names].sort().flatMap((route) => {
    const [was, is] = [chainOf(before, route), chainOf(after, route)];
    return String(was) === String(is) ? [] : [{ route, before: was, after: is }];
  });
}

function chainOf(plan: HostPlan | undefined, route: string): readonly string[] {
  return plan !== undefined && Object.hasOwn(plan.routes, route)
    ? (plan.routes[route]?.to ?? [])
    : [];
}
