import { askedAdapterOf, type HostPlan } from "@millwright/schema";

/** One of those that may answer a task. */
export interface Candidate {
  readonly kind: "deployment";
  readonly deployment: string;
  /** One of the deployment's adapters, by name; absent: what the deployment itself answers with. */
  readonly adapter?: string;
}

/** Who may answer to a name, in the order in which they are asked; `undefined` for a name that the plan does not have. */
export function candidatesOf(
  { deployments, routes }: Pick<HostPlan, "deployments" | "routes">,
  name: string,
): readonly Candidate[] | undefined {
  const asked = askedAdapterOf({ deployments }, name);
  if (asked !== undefined) return [{ kind: "deployment", ...asked }];
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  const targets = Object.hasOwn(deployments, name) ? [name] : route?.to;
  return targets?.map((deployment) => ({ kind: "deployment", deployment }));
}
