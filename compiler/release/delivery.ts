import {
  canonicalBytes,
  type Delivery,
  delivered,
  type HostName,
  inclusionOf,
} from "@millwright/schema";
import type { CheckedPlans } from "./checked-plans.ts";
import type { OnlineMetadata } from "./online.ts";

/** What one host is handed of a revision that verified. */
export interface DeliveryRequest {
  readonly verified: Pick<CheckedPlans, "published" | "tree">;
  readonly online: OnlineMetadata;
  readonly host: HostName;
  /** The host's plan, as it lies on the branch. */
  readonly plan: Uint8Array;
}

/** The files for one host: all that it needs to prove its plan. `undefined` when the revision has no plan for it. */
export function deliveryFor({
  verified,
  online,
  host,
  plan,
}: DeliveryRequest): Delivery | undefined {
  const inclusion = inclusionOf(verified.tree, host);
  if (inclusion === undefined) return undefined;
  const { roots, targets, revisionBytes } = verified.published;
  return new Map<string, Uint8Array>([
    ...roots.map((bytes, index) => [delivered.root(index + 1), bytes] as const),
    [online.names.timestamp, online.timestamp],
    [online.names.snapshot, online.snapshot],
    [online.names.targets, targets],
    [delivered.revision, revisionBytes],
    [delivered.plan, plan],
    [delivered.inclusion, canonicalBytes(inclusion)],
  ]);
}
