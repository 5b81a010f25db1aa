import type { HostPlan } from "./host-plan.ts";

/** A deployment, and the adapter that is asked for by name. */
interface AskedAdapter {
  readonly deployment: string;
  readonly adapter: string;
}

type Names = Pick<HostPlan, "deployments"> & Partial<Pick<HostPlan, "elsewhere">>;

/** Between a deployment and an adapter. No name has it (RFC 1123, section 2.1), so nothing can be mistaken. */
const BETWEEN = ":";

/** What `triage:care` stands for; `undefined` when the plan has no such deployment, or that has no such adapter. */
export function askedAdapterOf(
  { deployments, elsewhere = {} }: Names,
  name: string,
): AskedAdapter | undefined {
  const at = name.indexOf(BETWEEN);
  if (at < 0) return undefined;
  const [deployment, adapter] = [name.slice(0, at), name.slice(at + 1)];
  const planned = Object.hasOwn(deployments, deployment) ? deployments[deployment] : undefined;
  const far = Object.hasOwn(elsewhere, deployment) ? elsewhere[deployment] : undefined;
  const isListed =
    planned?.adapters?.some((each) => each.name === adapter) === true ||
    far?.adapters?.includes(adapter) === true;
  return isListed ? { deployment, adapter } : undefined;
}

/** How callers ask for the adapters of a deployment. */
export function adapterNamesOf({ deployments, elsewhere = {} }: Names): readonly string[] {
  const here = Object.entries(deployments).flatMap(([deployment, { adapters = [] }]) =>
    adapters.map(({ name }) => `${deployment}${BETWEEN}${name}`),
  );
  const far = Object.entries(elsewhere).flatMap(([deployment, { adapters = [] }]) =>
    adapters.map((name) => `${deployment}${BETWEEN}${name}`),
  );
  return [...new Set([...here, ...far])];
}
