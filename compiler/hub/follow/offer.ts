import { createHash } from "node:crypto";
import {
  type Delivery,
  type Digest,
  digestOf,
  type HostName,
  HostPlan,
  isDigest,
  parseJson,
  readerOf,
} from "@millwright/schema";
import {
  deliveryFor,
  type OnlineMetadata,
  type ReadPlan,
  type VerifiedRevision,
} from "../../release/release.ts";
import type { EnrolledHost } from "../store/store.ts";

const readPlan = readerOf(HostPlan);

/** Plans are kept as they travel: ten thousand of them as objects would take more memory than their connections. */
export interface OfferedPlan {
  readonly enrolled: EnrolledHost;
  /** What the host may fetch. */
  readonly blobs: readonly Digest[];
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** A revision that verified, with what the hub says about it: all that a host needs to prove its plan. */
export interface Offer {
  readonly verified: VerifiedRevision;
  readonly online: OnlineMetadata;
  readonly plans: ReadonlyMap<HostName, OfferedPlan>;
}

/** Takes in plans while they are read for the verdict, so that ten thousand of them are read once. */
export function intake() {
  const plans = new Map<HostName, OfferedPlan>();
  const sharedPlace = sharing<Pick<EnrolledHost, "hubs" | "site" | "region">>();
  const sharedDigest = sharing<Digest>();
  const take = ({ plan, bytes, digest }: ReadPlan) => {
    const { host, key, hubs, site, region, blobs } = plan;
    plans.set(host, {
      enrolled: { name: host, key, plan: digest, ...sharedPlace({ hubs, site, region }) },
      blobs: Object.keys(blobs).filter(isDigest).map(sharedDigest),
      ...{ bytes, digest },
    });
  };
  return { plans, take };
}

/** The plans of a revision: those that were read for its verdict, and those that did not change since `previous`. */
export function offeredPlans(
  { published }: VerifiedRevision,
  read: ReadonlyMap<HostName, OfferedPlan>,
  previous: Offer | undefined,
): ReadonlyMap<HostName, OfferedPlan> {
  const plans = new Map<HostName, OfferedPlan>();
  for (const host of published.plans.keys()) {
    const plan = read.get(host) ?? previous?.plans.get(host);
    if (plan === undefined) throw new Error("impossible: a verified plan that was never read");
    plans.set(host, plan);
  }
  return plans;
}

/** One object for all that is equal: fleets have few sites, hubs and models. */
function sharing<T>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const text = JSON.stringify(value);
    const shared = known.get(text) ?? value;
    known.set(text, shared);
    return shared;
  };
}

/** What a plan says of some bytes that its host needs; `undefined` when it does not name them. */
export function plannedBlob(
  { bytes, blobs }: OfferedPlan,
  digest: Digest,
): HostPlan["blobs"][string] | undefined {
  return blobs.includes(digest) ? readSound(bytes).blobs[digest] : undefined;
}

function readSound(bytes: Buffer): HostPlan {
  const reading = readPlan(parseJson(bytes.toString("utf8")));
  if (!reading.ok) throw new Error("impossible: a verified plan that is none");
  return reading.value;
}

/** The hosts of the fleet, as their plans say. */
export function enrolledBy({ plans }: Offer): readonly EnrolledHost[] {
  return [...plans.values()].map(({ enrolled }) => enrolled);
}

/** The files for one host; `undefined` when the revision has no plan for it. */
export function deliveryOf(
  { verified, online, plans }: Offer,
  host: HostName,
): Delivery | undefined {
  const plan = plans.get(host)?.bytes;
  return plan && deliveryFor({ verified, online, host, plan });
}

/**
 * Names what a host is offered. It covers all that people agreed on and nothing that the hub signs,
 * so a fresh timestamp is no new configuration.
 */
export function offerHash({ verified, plans }: Offer, host: HostName): Uint8Array {
  const common = digests.get(verified) ?? digestsOf(verified);
  digests.set(verified, common);
  return createHash("sha256")
    .update(common)
    .update(plans.get(host)?.digest ?? "")
    .digest();
}

/** What the hashes of all hosts have in common, computed once. */
const digests = new WeakMap<VerifiedRevision, string>();

function digestsOf({ published: { roots, targets, revisionBytes } }: VerifiedRevision): string {
  return [...roots, targets, revisionBytes].map(digestOf).join("");
}
