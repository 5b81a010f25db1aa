import { createHash } from "node:crypto";
import {
  canonicalBytes,
  type Delivery,
  type Digest,
  delivered,
  digestOf,
  type HostName,
  HostPlan,
  inclusionOf,
  parseJson,
  readerOf,
} from "@millwright/schema";
import { type OnlineMetadata, readPlans, type VerifiedRevision } from "../../release/release.ts";
import type { EnrolledHost } from "../store/store.ts";

const readPlan = readerOf(HostPlan);

export interface OfferedPlan {
  readonly plan: HostPlan;
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** A revision that verified, with what the hub says about it: all that a host needs to prove its plan. */
export interface Offer {
  readonly verified: VerifiedRevision;
  readonly online: OnlineMetadata;
  readonly plans: ReadonlyMap<HostName, OfferedPlan>;
}

/** The plans of a revision; those that did not change since `previous` are not read again. */
export async function offeredPlans(
  { published }: VerifiedRevision,
  previous: Offer | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<HostName, OfferedPlan>> {
  const before = previous?.verified.published.plans;
  const plans = new Map<HostName, OfferedPlan>();
  const changed: HostName[] = [];
  for (const [host, id] of published.plans) {
    const known = before?.get(host) === id ? previous?.plans.get(host) : undefined;
    if (known === undefined) changed.push(host);
    else plans.set(host, known);
  }
  for await (const [host, bytes] of readPlans(published, changed, signal)) {
    const reading = readPlan(parseJson(bytes.toString("utf8")));
    if (!reading.ok) throw new Error("impossible: a verified plan that is none");
    plans.set(host, { plan: reading.value, bytes, digest: digestOf(bytes) });
  }
  return plans;
}

/** The hosts of the fleet, as their plans say. */
export function enrolledBy({ plans }: Offer): readonly EnrolledHost[] {
  return [...plans.values()].map(({ plan, digest }) => ({
    ...{ name: plan.host, key: plan.key, hubs: plan.hubs },
    ...{ site: plan.site, region: plan.region, plan: digest },
  }));
}

/** The files for one host; `undefined` when the revision has no plan for it. */
export function deliveryOf(offer: Offer, host: HostName): Delivery | undefined {
  const { verified, online, plans } = offer;
  const plan = plans.get(host);
  const inclusion = inclusionOf(verified.tree, host);
  if (plan === undefined || inclusion === undefined) return undefined;
  const { roots, targets, revisionBytes } = verified.published;
  return new Map<string, Uint8Array>([
    ...roots.map((bytes, index) => [delivered.root(index + 1), bytes] as const),
    [online.names.timestamp, online.timestamp],
    [online.names.snapshot, online.snapshot],
    [online.names.targets, targets],
    [delivered.revision, revisionBytes],
    [delivered.plan, plan.bytes],
    [delivered.inclusion, canonicalBytes(inclusion)],
  ]);
}

/**
 * Names what a host is offered. It covers all that people agreed on and nothing that the hub signs,
 * so a fresh timestamp is no new configuration.
 */
export function offerHash({ verified, plans }: Offer, host: HostName): Uint8Array {
  const { roots, targets, revisionBytes } = verified.published;
  const hash = createHash("sha256");
  for (const bytes of [...roots, targets, revisionBytes]) hash.update(digestOf(bytes));
  return hash.update(plans.get(host)?.digest ?? "").digest();
}
