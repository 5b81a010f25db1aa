/**
 * Models by digest.
 *
 * In: a digest, and where its bytes can be had. Out: a file with exactly those bytes; for peers, a part of one.
 * Promise: what is in the store has the digest of its name; it is never rewritten in place (a running engine has it
 * mapped), only unlinked, and never while somebody works with it; a transfer that broke off goes on where it was, also
 * in the next process, and reads nothing again; all transfers share one line, and none begins without room.
 */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, type HostName, hexOf } from "@millwright/schema";
import { makeFolder, type StateFolder } from "../disk/disk.ts";
import {
  type Clock,
  type Conditions,
  type Journal,
  messageOf,
  type Service,
} from "../life/life.ts";
import { rateOf } from "./bandwidth.ts";
import { collectingOf } from "./collect.ts";
import { fetching } from "./fetch.ts";
import { inUse, touch } from "./in-use.ts";
import { limitOf } from "./limit.ts";
import { type StorePlan, sourcesOf } from "./peers.ts";
import { roomOf } from "./room.ts";
import type { HubDoor } from "./source.ts";

export { holdingBlobs } from "./in-use.ts";
export { neededBy } from "./needed-by.ts";
export { type PeerDesk, peerDesk, type Upload } from "./peer-desk.ts";
export { peerToken } from "./peer-token.ts";
export type { StorePlan } from "./peers.ts";
export type { HubDoor } from "./source.ts";

/** What a plan says of some bytes. */
export interface BlobSource {
  readonly name: string;
  readonly size: number;
  readonly sources: readonly string[];
}

export interface Store {
  has(digest: Digest): Promise<boolean>;
  /** Where the bytes are, once they are here. */
  path(digest: Digest): string;
  /** Returns when the bytes are here, verified and durable. Throws Failure. */
  fetch(
    digest: Digest,
    blob: BlobSource,
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Over the high watermark, unlinks what is not to be kept, the longest unused first. Gives the bytes that became free. */
  collect(keep: ReadonlySet<Digest>): Promise<number>;
  /** Looks every few minutes whether the disk is beyond the high watermark: not only models fill it. */
  readonly tend: Service;
  /** Until it is disposed of, these are not collected. */
  hold(digests: readonly Digest[]): Disposable;
}

export interface StoreOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** The hub of the moment, for blobs that come from it. */
  readonly hub: () => HubDoor | undefined;
  /** The plan that the host is to be now: its mirrors, its peers, its limits. */
  readonly plan?: () => StorePlan | undefined;
  /** What may not be collected, and why, in words. Absent: nothing is collected but what `collect` is told. */
  readonly needed?: () => ReadonlyMap<Digest, string>;
  /** Opens one blob of one peer, once. Absent: no peer is asked. */
  readonly tokenFor?: (peer: HostName, blob: Digest) => Promise<string>;
}

const TEND_MS = 300_000;

export function storeIn(options: StoreOptions): Store {
  const { state, clock, journal, conditions, hub, needed, tokenFor } = options;
  const folder = state.blobs;
  const path = (digest: Digest) => join(folder, hexOf(digest));
  const settings = () => options.plan?.()?.store;
  const used = inUse();

  const collecting = collectingOf({
    ...{ folder, journal },
    watermarks: () => settings()?.watermarks,
    reasonToKeep: (digest) => {
      if (used.has(digest)) return "it is in use";
      if (room.isClaimed(digest)) return "it is on its way";
      return needed?.().get(digest);
    },
  });
  const room = roomOf({
    folder,
    reserve: () => settings()?.reserve,
    // Who does not know what is needed deletes nothing on its own.
    free: async (bytes) => (needed === undefined ? 0 : await collecting.free(bytes)),
    kept: collecting.kept,
  });
  const limit = limitOf(
    rateOf(() => settings()?.bandwidth, clock),
    clock,
  );
  const fetchFrom = fetching({ folder, clock, journal, conditions, room, limit });

  const has = async (digest: Digest) =>
    (await lstat(path(digest)).catch(() => undefined))?.isFile() === true;
  return {
    has,
    path,
    async fetch(digest, blob, progress, signal) {
      if (await has(digest)) return;
      await makeFolder(folder);
      const sources = sourcesOf(digest, blob.sources, { hub, plan: options.plan?.(), tokenFor });
      const wanted = { digest, path: path(digest), name: blob.name, size: blob.size, sources };
      await fetchFrom(wanted, progress, signal);
    },
    async collect(keep) {
      for (const { code, subject } of conditions.list())
        if (code === "store/disk-full" && ![...keep].includes(subject as Digest))
          conditions.clear(code, subject);
      return await collecting.collect(keep);
    },
    async tend(signal) {
      while (!signal.aborted) {
        await clock.sleep(TEND_MS, signal);
        if (signal.aborted || needed === undefined) continue;
        try {
          await collecting.collect(new Set(needed().keys()));
        } catch (error) {
          // A disk that fails is told by whoever needs it; here it is only looked at again.
          journal("warn", { event: "store/not-tended", reason: messageOf(error) });
        }
      }
    },
    hold(digests) {
      for (const digest of digests) touch(path(digest), clock.now(), journal);
      return used.hold(digests);
    },
  };
}
