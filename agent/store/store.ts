/**
 * Models by digest.
 *
 * In: a digest, and where its bytes can be had. Out: a file with exactly those bytes.
 * Promise: what is in the store has the digest of its name; it is never rewritten in place (a running engine has it
 * mapped), only unlinked; a transfer that broke off goes on where it was.
 */
import { chmod, lstat, mkdir, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOfHex, hexOf, showBytes } from "@millwright/schema";
import { type StateFolder, syncFolder } from "../disk/disk.ts";
import { type Clock, type Conditions, Failure, type Journal, messageOf } from "../life/life.ts";
import { download, type Means } from "./download.ts";
import type { HubDoor } from "./source.ts";
import { clearSuspicion, suspect } from "./suspicion.ts";

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
  /** Unlinks everything that is not to be kept. Gives the bytes that became free. */
  collect(keep: ReadonlySet<Digest>): Promise<number>;
}

export interface StoreOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** The hub of the moment, for blobs that come from it. */
  readonly hub: () => HubDoor | undefined;
}

/** Left to the rest of the system when a model is fetched. Bytes. */
const HEADROOM = 256 * 1024 ** 2;

export function storeIn({ state, clock, journal, conditions, hub }: StoreOptions): Store {
  const path = (digest: Digest) => join(state.blobs, hexOf(digest));
  const has = async (digest: Digest) =>
    (await lstat(path(digest)).catch(() => undefined))?.isFile() === true;
  return {
    has,
    path,
    async fetch(digest, { name, size, sources }, progress, signal) {
      if (await has(digest)) return;
      await mkdir(state.blobs, { recursive: true });
      const partial = `${path(digest)}.partial`;
      await demandRoom(state.blobs, partial, size, name);
      const failures: Failure[] = [];
      for (const source of sources) {
        try {
          const means = { hub: hub(), clock, progress };
          await fill(partial, { digest, size, source }, means, signal);
          await chmod(partial, 0o400);
          await rename(partial, path(digest));
          await syncFolder(state.blobs);
          clearSuspicion(name, source, conditions);
          journal("info", { event: "store/fetched", name, digest, bytes: size });
          return;
        } catch (error) {
          signal.throwIfAborted();
          journal("warn", { event: "store/source-failed", name, source, reason: messageOf(error) });
          if (error instanceof Failure) suspect(error, name, source, conditions);
          failures.push(
            error instanceof Failure
              ? error
              : new Failure("store/not-fetched", `${source}: ${messageOf(error)}`, {
                  cause: error,
                }),
          );
        }
      }
      const isWrong = failures.some(({ code }) => code === "store/wrong-digest");
      const reasons = failures.map(({ message }) => message).join(" ");
      throw new Failure(
        isWrong ? "store/wrong-digest" : "store/not-fetched",
        `${name} (${digest}) could not be had: ${reasons}`,
      );
    },
    async collect(keep) {
      const kept = new Set([...keep].map(hexOf));
      let freed = 0;
      for (const file of await readdir(state.blobs)) {
        const hex = file.replace(/\.partial$/, "");
        if (kept.has(hex) || digestOfHex(hex) === undefined) continue;
        freed += (await stat(join(state.blobs, file))).size;
        await rm(join(state.blobs, file), { force: true });
        journal("info", { event: "store/collected", digest: `sha256:${hex}` });
      }
      return freed;
    },
  };
}

/** Fills the partial file with the right bytes, or removes it and says what was found. */
async function fill(
  partial: string,
  { digest, size, source }: { digest: Digest; size: number; source: string },
  means: Means,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const wanted = { hex: hexOf(digest), size, source };
    const { found, resumed } = await download(partial, wanted, means, signal);
    if (found === hexOf(digest)) return;
    await rm(partial, { force: true });
    // A power cut leaves zeros, another source other bytes: this one is blamed only for what it gave alone.
    if (resumed) continue;
    throw new Failure(
      "store/wrong-digest",
      `${source} gave bytes with the digest sha256:${found}.`,
    );
  }
}

/** A full disk is found out before the first byte, not after the last. */
async function demandRoom(
  folder: string,
  partial: string,
  size: number,
  name: string,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const there = (await stat(partial).catch(() => undefined))?.size ?? 0;
  const needed = size - there + HEADROOM;
  if (bavail * bsize >= needed) return;
  throw new Failure(
    "store/disk-full",
    `${name} needs ${showBytes(needed)} on the disk of ${folder}; ${showBytes(bavail * bsize)} are free. Free some, then the agent goes on by itself.`,
  );
}
