/**
 * The hosts as the hub sees them now.
 *
 * In: the hosts of the last good revision, what was stored of them, what they say. Out: one view a host.
 * Promise: only enrolled hosts are in it; nothing is inferred: what a host did not say is null.
 */
import {
  AgentStatus,
  type HostName,
  Inventory,
  type PublicKey,
  parseHostName,
  parseJson,
  parsePublicKey,
  readerOf,
} from "@millwright/schema";
import type { EnrolledHost, HostMemory, Store, StoredHost } from "../store/store.ts";
import { Telemetry } from "./telemetry.ts";

const readStatus = readerOf(AgentStatus);
const readInventory = readerOf(Inventory);

/** How a host took what it was offered last, in OpAMP's words. */
interface ConfigReport {
  readonly state: "applied" | "applying" | "failed";
  readonly message: string;
  /** Of the offer that it is about, in hex. */
  readonly hash: string;
}

interface HealthReport {
  readonly healthy: boolean;
  readonly status: string;
  readonly lastError: string;
}

/** One host. Its fields change as it speaks. */
export interface HostView {
  readonly name: HostName;
  key: PublicKey;
  hubs: readonly string[];
  site: string;
  region: string;
  /** The digest of the plan it is to have. */
  plan: string;
  connectedSince: number | undefined;
  lastSeen: number | undefined;
  status: AgentStatus | undefined;
  inventory: Inventory | undefined;
  config: ConfigReport | undefined;
  health: HealthReport | undefined;
  readonly telemetry: Telemetry;
}

/** After this long without a word, what a host said is no longer taken for the present. */
const STALE_MS = 90_000;

export function isStale({ connectedSince, lastSeen }: HostView, now: number): boolean {
  return connectedSince === undefined || lastSeen === undefined || now - lastSeen > STALE_MS;
}

/** Whether models run on it, as far as it was ever heard: such a host goes first when many come back. */
export function isAtWork({ status }: HostView): boolean {
  return (
    status !== undefined && status.running !== null && Object.keys(status.deployments).length > 0
  );
}

export interface Fleet {
  host(name: string): HostView | undefined;
  /** By name. */
  hosts(): readonly HostView[];
  readonly size: number;
  /** Makes these the hosts. Gives those that came and those that went. */
  enrol(hosts: readonly EnrolledHost[]): {
    readonly came: readonly string[];
    readonly went: readonly string[];
  };
  /** Marks a host whose memory is to be written at the next flush. */
  touch(host: HostView): void;
  /** Writes what was said since the last flush, as one transaction. */
  flush(): Promise<void>;
}

export async function openFleet(store: Store): Promise<Fleet> {
  const views = new Map<string, HostView>();
  const touched = new Map<string, HostView>();
  const count = () => views.size;
  let sorted: readonly HostView[] | undefined;
  for (const stored of await store.hosts.all()) {
    const view = viewOf(stored, count);
    views.set(view.name, Object.assign(view, recalled(stored)));
  }
  return {
    host: (name) => views.get(name),
    hosts() {
      sorted ??= [...views.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted;
    },
    get size() {
      return views.size;
    },
    enrol(hosts) {
      sorted = undefined;
      const names = new Set(hosts.map(({ name }) => name));
      const went = [...views.keys()].filter((name) => !names.has(name));
      const came = hosts.map(({ name }) => name).filter((name) => !views.has(name));
      for (const name of went) {
        views.delete(name);
        touched.delete(name);
      }
      for (const host of hosts) {
        const known = views.get(host.name);
        const { hubs, site, region, plan } = host;
        // A new key is read as carefully as a new host; most hosts keep theirs over all revisions.
        if (known === undefined) views.set(host.name, viewOf(host, count));
        else if (known.key === host.key) Object.assign(known, { hubs, site, region, plan });
        else Object.assign(known, { key: keyOf(host), hubs, site, region, plan });
      }
      return { came, went };
    },
    touch(host) {
      if (views.get(host.name) === host) touched.set(host.name, host);
    },
    async flush() {
      if (touched.size === 0) return;
      const memories = new Map([...touched].map(([name, view]) => [name, memoryOf(view)]));
      touched.clear();
      await store.hosts.remember(memories);
    },
  };
}

function memoryOf({ lastSeen, status, inventory }: HostView): HostMemory {
  return { lastSeen: lastSeen ?? null, status: status ?? null, inventory: inventory ?? null };
}

/** A host of a verified plan, or one that we stored from it. */
function viewOf(
  { name, key, hubs, site, region, plan }: EnrolledHost,
  count: () => number,
): HostView {
  const host = parseHostName(name);
  if (host === undefined) throw new Error(`impossible: a host without a sound name: ${name}`);
  return {
    ...{ name: host, key: keyOf({ name, key }), hubs, site, region, plan },
    connectedSince: undefined,
    lastSeen: undefined,
    status: undefined,
    inventory: undefined,
    config: undefined,
    health: undefined,
    telemetry: new Telemetry(count),
  };
}

function keyOf({ name, key }: Pick<EnrolledHost, "name" | "key">): PublicKey {
  const publicKey = parsePublicKey(key);
  if (publicKey === undefined) throw new Error(`impossible: a host without a sound key: ${name}`);
  return publicKey;
}

/** What an older version stored and the schema of today does not know is left out: the host will say it anew. */
function recalled(stored: StoredHost): Pick<HostView, "lastSeen" | "status" | "inventory"> {
  const status = readStatus(parseJson(stored.status ?? ""));
  const inventory = readInventory(parseJson(stored.inventory ?? ""));
  return {
    lastSeen: stored.lastSeen ?? undefined,
    status: status.ok ? status.value : undefined,
    inventory: inventory.ok ? inventory.value : undefined,
  };
}
