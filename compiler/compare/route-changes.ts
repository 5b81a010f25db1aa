import type { HostPlan } from "@millwright/schema";
import type { RouteChange } from "./comparison.ts";

/** Routes that other deployments answer, or the same in another order or by other rules. */
export function routeChanges(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
): readonly RouteChange[] {
  const names = new Set([before, after].flatMap((plan) => Object.keys(plan?.routes ?? {})));
  return [...names].sort().flatMap((route) => {
    const [was, is] = [chainOf(before, route), chainOf(after, route)];
    const otherRules =
      was.length > 0 && is.length > 0 && rules(before, route) !== rules(after, route);
    if (String(was) === String(is) && !otherRules) return [];
    return [{ route, before: was, after: is, ...(otherRules && { rules: true }) }];
  });
}

function rules(plan: HostPlan | undefined, route: string): string {
  const { choose, escalate, shadow } = plan?.routes[route] ?? {};
  return JSON.stringify([choose, escalate, shadow]);
}

function chainOf(plan: HostPlan | undefined, route: string): readonly string[] {
  return plan !== undefined && Object.hasOwn(plan.routes, route)
    ? (plan.routes[route]?.to ?? [])
    : [];
}
