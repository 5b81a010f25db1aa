import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
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
  readPlans,
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

/** So many plans are read between two turns of the event loop. */
const PLANS_A_TURN = 20;

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
  const sharedPlace = sharing<Pick<EnrolledHost, "hubs" | "site" | "region">>();
  const sharedDigest = sharing<Digest>();
  let count = 0;
  for await (const [host, bytes] of readPlans(published, changed, signal)) {
    const digest = digestOf(bytes);
    const { key, hubs, site, region, blobs } = readSound(bytes);
    plans.set(host, {
      enrolled: { name: host, key, plan: digest, ...sharedPlace({ hubs, site, region }) },
      blobs: Object.keys(blobs).filter(isDigest).map(sharedDigest),
      ...{ bytes, digest },
    });
    count += 1;
    if (count % PLANS_A_TURN === 0) await turn();
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
