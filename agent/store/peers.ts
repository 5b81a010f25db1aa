import {
  type Digest,
  type HostName,
  hexOf,
  type Peer,
  type StoreSettings,
} from "@millwright/schema";
import { request } from "./request.ts";
import { type HubDoor, mirrorOf, type Source, sourceOf } from "./source.ts";

/** A peer on the same site answers at once, or is not there. */
const BEGIN_MS = 1_000;

/** What a plan says of where models come from and how they are kept. */
export interface StorePlan {
  readonly store?: StoreSettings;
  readonly peers?: readonly Peer[];
}

export interface Around {
  readonly hub: () => HubDoor | undefined;
  readonly plan: StorePlan | undefined;
  /** Opens one blob of one peer, once. Absent: no peer is asked. */
  readonly tokenFor: ((peer: HostName, blob: Digest) => Promise<string>) | undefined;
}

/** Where a blob can be had, the nearest first: the host's own disk, mirrors, peers, and what the blob itself names. */
export function sourcesOf(
  digest: Digest,
  written: readonly string[],
  { hub, plan, tokenFor }: Around,
): readonly Source[] {
  const hex = hexOf(digest);
  const own = written.map((source) => sourceOf(source, hex, hub));
  const mirrors = (plan?.store?.mirrors ?? []).map((mirror) => mirrorOf(mirror, hex));
  const peers = (plan?.peers ?? []).filter(({ blobs }) => blobs.includes(digest));
  const near = [
    ...mirrors,
    ...(tokenFor === undefined ? [] : peers.map((peer) => peerOf(peer, digest, tokenFor))),
  ];
  const far = own.findIndex(({ local }) => !local);
  return far < 0 ? [...own, ...near] : [...own.slice(0, far), ...near, ...own.slice(far)];
}

function peerOf(
  { host, address }: Peer,
  digest: Digest,
  tokenFor: NonNullable<Around["tokenFor"]>,
): Source {
  const name = `peer:${host}`;
  const url = `http://${address}/blobs/${digest}`;
  return {
    ...{ name, local: false, beginMs: BEGIN_MS },
    open: (wish, signal) =>
      request({ url, name, token: () => tokenFor(host, digest) }, wish, signal),
  };
}
