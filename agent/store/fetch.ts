import { chmod, rename } from "node:fs/promises";
import { type Digest, hexOf } from "@millwright/schema";
import { syncFolder } from "../disk/disk.ts";
import { type Clock, type Conditions, Failure, type Journal, messageOf } from "../life/life.ts";
import { isDiskFailure, isDiskFull, onDisk } from "./disk-failure.ts";
import { download, type Means } from "./download.ts";
import type { Limit } from "./limit.ts";
import { openPart, type Part } from "./part.ts";
import { removeState } from "./part-state.ts";
import type { Room } from "./room.ts";
import type { Source } from "./source.ts";
import { clearSuspicion, suspect } from "./suspicion.ts";

export interface WantedBlob {
  readonly digest: Digest;
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly sources: readonly Source[];
}

export interface FetchingOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly conditions: Conditions;
  readonly room: Room;
  readonly limit: Limit;
}

/** A source that broke off after so many bytes was worth asking: it is asked again at once. */
const WORTHWHILE = 1024 ** 2;
const FULL = "store/disk-full";

/** Gets blobs, from one source after another, until one gives the right bytes. */
export function fetching({ folder, clock, journal, conditions, room, limit }: FetchingOptions) {
  const asked = new Set<string>();
  /** Peers that gave other bytes than they were asked for, or too many of them. */
  const liars = new Set<string>();

  const note = (error: unknown, { name }: WantedBlob, source: Source): Failure => {
    const reason = messageOf(error);
    journal("warn", { event: "store/source-failed", name, source: source.name, reason });
    if (!(error instanceof Failure))
      return new Failure("store/not-fetched", `${source.name}: ${reason}`, { cause: error });
    const isLie = suspect(error, name, source.name, conditions);
    if (isLie && source.name.startsWith("peer:")) liars.add(source.name);
    return error;
  };

  const tryAll = async (part: Part, wanted: WantedBlob, means: Means, signal: AbortSignal) => {
    const failures: Failure[] = [];
    for (const source of wanted.sources) {
      if (liars.has(source.name)) continue;
      try {
        await fill(part, wanted, source, means, signal);
        clearSuspicion(wanted.name, source.name, conditions);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (isDiskFailure(error)) throw error;
        failures.push(note(error, wanted, source));
      }
    }
    const isWrong = failures.some(({ code }) => code === "store/wrong-digest");
    const reasons = failures.map(({ message }) => message).join(" ");
    throw new Failure(
      isWrong ? "store/wrong-digest" : "store/not-fetched",
      `${wanted.name} (${wanted.digest}) could not be had: ${reasons}`,
    );
  };

  const get = async (wanted: WantedBlob, progress: Means["progress"], signal: AbortSignal) => {
    const { digest, path, name, size } = wanted;
    const partial = `${path}.partial`;
    await using part = await openPart(partial, { hex: hexOf(digest), size }, clock);
    using _room = await room.claim(digest, name, () => size - part.at);
    try {
      await tryAll(part, wanted, { clock, limit, progress }, signal);
      await onDisk(folder, async () => {
        await chmod(partial, 0o400);
        await rename(partial, path);
        await removeState(partial);
        await syncFolder(folder);
      });
    } catch (error) {
      await part.keep();
      throw isDiskFull(error) ? await room.explain(name, size - part.at, error) : error;
    }
    journal("info", { event: "store/fetched", name, digest, bytes: size });
  };

  return async (wanted: WantedBlob, progress: Means["progress"], signal: AbortSignal) => {
    const { digest, name } = wanted;
    if (asked.has(digest)) throw new Error(`impossible: ${digest} is fetched twice at once`);
    asked.add(digest);
    try {
      await get(wanted, progress, signal);
      conditions.clear(FULL, digest);
    } catch (error) {
      if (isDiskFull(error)) {
        const message = error.message.slice(0, 4_000);
        conditions.raise({ code: FULL, severity: "error", subject: digest, message });
        journal("error", { event: FULL, name, digest });
      }
      throw error;
    } finally {
      asked.delete(digest);
    }
  };
}

/** Fills the file with the right bytes, or empties it and says what was found. */
async function fill(
  part: Part,
  { digest, size }: WantedBlob,
  source: Source,
  means: Means,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const before = part.at;
    try {
      await download(part, size, source, means, signal);
    } catch (error) {
      const isCut = error instanceof Failure && cuts.includes(error.code);
      if (!isCut || part.at - before < WORTHWHILE) throw error;
      continue;
    }
    const found = await part.finish();
    if (found === hexOf(digest)) return;
    const isAlone = part.author === source.name;
    await part.restart();
    // Another source may have given the wrong part: this one is blamed only for what it gave alone.
    if (!isAlone) continue;
    throw new Failure(
      "store/wrong-digest",
      `${source.name} gave bytes with the digest sha256:${found}.`,
    );
  }
}

/** What accidents look like. */
const cuts: readonly string[] = ["store/cut-off", "store/interrupted"];
