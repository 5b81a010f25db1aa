import type { Digest, FlowLabel, FreezeWindow, HostName } from "@millwright/schema";
import type { Difference } from "../history/history.ts";

/** What a change does: plain values, as `millwright diff --json` prints them. Bytes, and milliseconds since the Unix epoch. */
export interface Comparison {
  /** Roots of the trees of plans. Without `before` there was nothing: no definitions at all. */
  readonly roots: { readonly before?: string; readonly after: string };
  /** Definitions whose values differ. A change of comments, layout or place is none. */
  readonly definitions: readonly DefinitionChange[];
  /** Hosts whose plans differ, by name. */
  readonly hosts: readonly HostChange[];
  /** Hosts whose plans are the same to the byte: not rendered, signed or woken again. */
  readonly untouched: readonly { readonly host: HostName; readonly digest: Digest }[];
  /** Bytes over all hosts: each fetches for itself. */
  readonly fetch: number;
  readonly moved: readonly MovedReplica[];
  readonly labels: readonly LabelChange[];
  /** Windows of the plans that hosts follow now, in which no host takes a new one. */
  readonly windows: readonly FreezeWindow[];
}

export interface DefinitionChange {
  readonly kind: string;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** What differs, where it was changed. */
  readonly differences: readonly Difference[];
}

export interface HostChange {
  readonly host: HostName;
  readonly change: "added" | "removed" | "changed";
  /** Digests of the plan. */
  readonly before?: Digest;
  readonly after?: Digest;
  /** What the plan before did not have. */
  readonly fetch: readonly BlobChange[];
  /** What the plan before had: it may go, once no plan that the host may go back to names it. */
  readonly removable: readonly BlobChange[];
  readonly instances: readonly InstanceChange[];
  /** Instances that go on. */
  readonly kept: number;
  readonly memory: readonly MemoryChange[];
  readonly routes: readonly RouteChange[];
  /** What the plan takes away that is protected, without naming it under `retired`: the host does not take the plan. */
  readonly refused: readonly string[];
  /** Why the host stays as it is, whatever this plan says. */
  readonly hold?: string;
  /** Whatever else differs: paths in the plan. `sovereignty` is the certificate as a whole. */
  readonly others: readonly string[];
}

export interface BlobChange {
  readonly digest: Digest;
  readonly name: string;
  readonly size: number;
}

export interface InstanceChange {
  readonly deployment: string;
  readonly replica: number;
  /** `beside`: its successor starts while it runs. `drain`: it ends before its successor starts. */
  readonly change: "start" | "stop" | "beside" | "drain";
  /** What differs, where it restarts. */
  readonly why: readonly string[];
}

/** Of main memory or of one GPU. */
export interface MemoryChange {
  /** Absent: main memory. */
  readonly gpu?: number;
  readonly size: number;
  readonly before: number;
  /** While instances stand beside their successors. */
  readonly during: number;
  readonly after: number;
}

export interface RouteChange {
  readonly route: string;
  /** Deployments that answer on this host, in order; none: the route is not served here. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Present when it chooses, splits, escalates or compares in another way. */
  readonly rules?: true;
}

export interface MovedReplica {
  readonly deployment: string;
  readonly replica: number;
  readonly from: string;
  readonly to: string;
}

/** What data in a place may be used for. A side is absent where there was, or is, no such place. */
export interface LabelChange {
  /** `deployment triage`, `adapter care`, `data mail`. */
  readonly place: string;
  readonly before?: FlowLabel;
  readonly after?: FlowLabel;
}
