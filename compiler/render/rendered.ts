import type { Digest, HostName, HostPlan, PlanTree } from "@millwright/schema";

export interface RenderedPlan {
  readonly plan: HostPlan;
  /** The canonical JSON of the plan, and its SHA-256. */
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** The plans of a commit, and the tree over them. */
export interface Rendered {
  readonly plans: ReadonlyMap<HostName, RenderedPlan>;
  readonly tree: PlanTree;
}
