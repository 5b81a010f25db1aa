import type { Digest } from "@millwright/schema";
import type { Chronicle } from "./chronicle.ts";
import type { Fleet } from "./fleet/fleet.ts";
import { type Blobs, enrolledBy, type Offer, type Trouble } from "./follow/follow.ts";
import type { Journal } from "./journal.ts";
import type { Link, LinkWatch } from "./link/link.ts";
import type { HubMetrics } from "./metrics/metrics.ts";
import type { StoredRevision } from "./store/store.ts";

/** What the hub does when the branch has something new. */
export interface BranchReactions {
  readonly offered: (offer: Offer, stored: StoredRevision) => Promise<void>;
  readonly renewed: (offer: Offer) => Promise<void>;
  readonly refused: (trouble: Trouble) => Promise<void>;
  readonly unreachable: (trouble: Trouble) => Promise<void>;
}

export interface ReactionParts {
  readonly fleet: Fleet;
  readonly blobs: Blobs;
  readonly link: Link;
  readonly metrics: HubMetrics;
  readonly note: Chronicle;
}

export function branchReactions({
  fleet,
  blobs,
  link,
  metrics,
  note,
}: ReactionParts): BranchReactions {
  return {
    async offered(offer, { number, commit, hosts }) {
      const { came, went } = fleet.enrol(enrolledBy(offer));
      const what = `Revision ${number} of commit ${commit.slice(0, 12)} verified: ${hosts} hosts`;
      const moved = `${came.length} came, ${went.length} went`;
      await note({ severity: "info", code: "hub/revision-offered", message: `${what}, ${moved}.` });
      await link.push();
      await blobs.collect(namedBlobs(offer));
    },
    renewed: () => link.push(),
    async refused({ code, message }) {
      metrics.verificationFailures.inc({ reason: code });
      await note({ severity: "error", code, message });
    },
    unreachable: ({ code, message }) => note({ severity: "warn", code, message }),
  };
}

function namedBlobs({ plans }: Offer): ReadonlySet<Digest> {
  const named = new Set<Digest>();
  for (const { blobs } of plans.values()) for (const digest of blobs) named.add(digest);
  return named;
}

export interface WatchParts {
  readonly metrics: HubMetrics;
  readonly journal: Journal;
  readonly note: Chronicle;
}

/** What the hub does when something happens on a connection. */
export function linkWatch({ metrics, journal, note }: WatchParts): LinkWatch {
  const tell = (event: Parameters<Chronicle>[0]) => {
    note(event).catch((error: unknown) =>
      journal("error", { event: "hub/event-lost", reason: String(error) }),
    );
  };
  return {
    connected: ({ name }) => journal("info", { event: "hub/connected", host: name }),
    disconnected: ({ name }) => journal("info", { event: "hub/disconnected", host: name }),
    refused(code) {
      metrics.refused.inc({ code });
      journal("warn", { event: "hub/refused", code });
    },
    received: () => metrics.framesReceived.inc(),
    sent: () => metrics.framesSent.inc(),
    complained({ name }, complaint) {
      metrics.complaints.inc();
      journal("warn", { event: "hub/complaint", host: name, complaint });
    },
    failed({ name }, reason) {
      tell({ severity: "warn", code: "hub/plan-failed", message: reason, host: name });
    },
    contested({ name }) {
      const message = `Two machines go by the name and key of ${name} and push each other out. If a disk was cloned, wipe the clone's state folder and enrol it under a name of its own; if nobody cloned one, the key was copied: exchange it.`;
      tell({ severity: "error", code: "hub/contested-host", message, host: name });
    },
  };
}
