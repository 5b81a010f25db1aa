import { parseJson, readerOf, Sample, type Series } from "@millwright/schema";
import { type HostView, isStale } from "./fleet/fleet.ts";
import { type Following, type Offer, type Trouble, withoutCredentials } from "./follow/follow.ts";
import type { StoredRevision, StoredSample } from "./store/store.ts";

const readSample = readerOf(Sample);

export interface HubFacts {
  readonly repository: string;
  readonly startedAt: number;
  readonly following: Following;
  readonly hosts: readonly HostView[];
  readonly now: number;
}

/** `failing`: nothing can be offered. `degraded`: what was good is offered, and something stands in the way of more. */
type HealthState = "ok" | "degraded" | "failing";

export interface HealthAnswer {
  readonly state: HealthState;
  readonly troubles: readonly Trouble[];
}

export function healthOf({ offer, refusal, unreachable }: Following, now: number): HealthAnswer {
  const expired = offer && expiryOf(offer, now);
  const troubles = [refusal, unreachable, expired].filter((trouble) => trouble !== undefined);
  if (offer === undefined) return { state: "failing", troubles };
  return { state: troubles.length === 0 ? "ok" : "degraded", troubles };
}

/** Hosts go on with what they run, and accept nothing whose signatures have ended. */
function expiryOf({ verified }: Offer, now: number): Trouble | undefined {
  const { published, expires } = verified;
  if (now < expires) return undefined;
  const message = `The signatures on revision ${published.number} have expired. Release again to renew them.`;
  return { code: "release/expired", message, commit: published.commit, since: expires };
}

export type HubAnswer = ReturnType<typeof hubAnswer>;

/** The hub itself: what it follows, what it offers, what is wrong. */
export function hubAnswer({ repository, startedAt, following, hosts, now }: HubFacts) {
  const { offer } = following;
  const stale = hosts.filter((host) => isStale(host, now)).length;
  return {
    ...healthOf(following, now),
    repository: withoutCredentials(repository),
    startedAt,
    revision: offer === undefined ? null : offeredRevision(offer),
    hosts: { enrolled: hosts.length, present: hosts.length - stale, stale },
  };
}

function offeredRevision({ verified, online }: Offer) {
  const { published, tree, signers, expires, root } = verified;
  const { fleet, commit } = published.revision.predicate;
  return {
    number: published.number,
    fleet,
    commit,
    root: tree.root,
    signers,
    expiresAt: expires,
    rootFingerprint: root.fingerprint,
    timestamp: { version: online.timestampVersion, expiresAt: online.expires },
  };
}

interface HostSummary extends Pick<HostView, "name" | "site" | "region" | "plan"> {
  readonly connected: boolean;
  /** What is said of it is of the past. */
  readonly stale: boolean;
  readonly lastSeen: number | null;
  readonly status: NonNullable<HostView["status"]> | null;
  readonly config: NonNullable<HostView["config"]> | null;
  readonly health: NonNullable<HostView["health"]> | null;
}

export function hostSummary(host: HostView, now: number): HostSummary {
  const { name, site, region, plan, connectedSince, lastSeen, status, config, health } = host;
  return {
    name,
    site,
    region,
    plan,
    connected: connectedSince !== undefined,
    stale: isStale(host, now),
    lastSeen: lastSeen ?? null,
    status: status ?? null,
    config: config ?? null,
    health: health ?? null,
  };
}

export interface SeriesView extends Series {
  /** `null`: unknown just now. */
  readonly value: number | null;
  /** Oldest first, `value` at the end. */
  readonly recent: readonly (number | null)[];
}

export interface HostDetail extends HostSummary {
  readonly inventory: NonNullable<HostView["inventory"]> | null;
  readonly telemetry: { readonly at: number | null; readonly series: readonly SeriesView[] };
}

export function hostDetail(host: HostView, now: number): HostDetail {
  const { telemetry } = host;
  const { samples } = telemetry;
  const series: readonly SeriesView[] = telemetry.series.map((one, index) => {
    const recent = samples.map(({ values }) => known(values[index]));
    return { ...one, value: recent.at(-1) ?? null, recent };
  });
  return {
    ...hostSummary(host, now),
    inventory: host.inventory ?? null,
    telemetry: { at: telemetry.last?.at ?? null, series },
  };
}

function known(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

export type RevisionView = StoredRevision & { readonly running: readonly string[] };

/** Revisions, each with the hosts that say they run it. */
export function revisionViews(
  revisions: readonly StoredRevision[],
  hosts: readonly HostView[],
): readonly RevisionView[] {
  const running = Map.groupBy(hosts, ({ status }) => status?.running?.revision);
  return revisions.map((revision) => ({
    ...revision,
    running: (running.get(revision.number) ?? []).map(({ name }) => name),
  }));
}

export type SampleView = Sample & { readonly receivedAt: number };

export function sampleView({ sample, receivedAt }: StoredSample): SampleView {
  const reading = readSample(parseJson(sample));
  if (!reading.ok) throw new Error("impossible: a stored sample that is none");
  return { ...reading.value, receivedAt };
}
