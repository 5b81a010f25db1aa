/** A compilation: `source → definitions → plans`. The whole compiler on one screen. */
import type { Digest, HostName, HostPlan, PlanTree } from "@millwright/schema";
import type { Definitions } from "./check/definitions.ts";

export interface RenderedPlan {
  readonly plan: HostPlan;
  /** The canonical JSON of the plan, and its SHA-256. */
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

export interface Compiled {
  readonly definitions: Definitions;
  readonly plans: ReadonlyMap<HostName, RenderedPlan>;
  readonly tree: PlanTree;
  /** SHA-256 of the lock, 64 hex digits; absent when there is none. */
  readonly lock: string | undefined;
}
