import {
  type Digest,
  type Host,
  type Peer,
  parseDigest,
  parseHostName,
  parsePublicKey,
} from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { AgentsOf } from "../lock/lock.ts";
import type { Placed } from "../place/place.ts";
import { blobsOf } from "./blobs.ts";

/** The peers of a host, the nearest first. */
export type PeersOf = (host: string) => readonly Peer[];

/** Neighbours on either side. More would not make a copy faster, and each more is a plan that changes with another. */
const REACH = 4;

/**
 * Who copies from whom: the hosts of a site that say where they are reached and that need the same bytes, in a ring by
 * name. Each has its neighbours as peers and is one of theirs, and a host that comes or goes changes those plans alone.
 */
export function peersIn(
  definitions: Definitions,
  byHost: ReadonlyMap<string, readonly Placed[]>,
  agentsOf: AgentsOf,
): PeersOf {
  const reached = [...definitions.hosts.values()]
    .map(({ value }) => value)
    .filter(({ store }) => store?.address !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rings = new Map<string, Host[]>();
  const needs = new Map<string, readonly Digest[]>();
  for (const host of reached) {
    const needed = blobsOf(definitions, byHost.get(host.name) ?? [], agentsOf(host));
    const blobs = Object.keys(needed).flatMap((text) => parseDigest(text) ?? []);
    needs.set(host.name, blobs.sort());
    for (const blob of blobs) {
      const ring = rings.get(`${host.site} ${blob}`) ?? [];
      rings.set(`${host.site} ${blob}`, ring);
      ring.push(host);
    }
  }
  const hosts = new Map(reached.map((host) => [host.name, host]));
  return (name) => {
    const self = hosts.get(name);
    if (self === undefined) return [];
    const shared = new Map<Host, Digest[]>();
    for (const blob of needs.get(name) ?? []) {
      for (const other of neighboursIn(rings.get(`${self.site} ${blob}`) ?? [], self)) {
        const blobs = shared.get(other) ?? [];
        shared.set(other, blobs);
        blobs.push(blob);
      }
    }
    return [...shared].map(([host, blobs]) => peerOf(host, blobs));
  };
}

/** Those after it and before it, by turns, from the nearest on. */
function neighboursIn(ring: readonly Host[], self: Host): readonly Host[] {
  const at = ring.indexOf(self);
  const found = new Set<Host>();
  for (let far = 1; far <= Math.min(REACH, ring.length - 1); far += 1) {
    for (const index of [at + far, at - far]) {
      const other = ring[(index + ring.length) % ring.length];
      if (other !== undefined && other !== self) found.add(other);
    }
  }
  return [...found];
}

function peerOf({ name, key, store }: Host, blobs: Digest[]): Peer {
  const host = parseHostName(name);
  const parsedKey = parsePublicKey(key);
  const address = store?.address;
  if (host === undefined || parsedKey === undefined || address === undefined)
    throw new Error(`impossible: ${name} has passed as a host that is reached`);
  return { host, key: parsedKey, address, blobs };
}
