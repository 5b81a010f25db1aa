import type { HostPlan } from "./host-plan.ts";

/**
 * Protected deployments of the plan that runs which the next one takes away without naming them under `retired`.
 * Deletions by mistake look like this. An agent takes no such plan, and nobody should release one.
 */
export function unacknowledged(
  running: Pick<HostPlan, "deployments">,
  next: Pick<HostPlan, "deployments" | "retired">,
): readonly string[] {
  const retired = new Set(next.retired);
  return Object.entries(running.deployments)
    .filter(([name, { protect }]) => protect === true && !Object.hasOwn(next.deployments, name))
    .map(([name]) => name)
    .filter((name) => !retired.has(name));
}
