import { statfs } from "node:fs/promises";
import { type Digest, showBytes } from "@millwright/schema";
import type { Failure } from "../life/life.ts";
import { diskFull } from "./disk-failure.ts";

/** What is left to the rest of the system when a model is fetched, unless the plan says otherwise. Bytes. */
const RESERVE = 256 * 1024 ** 2;

/** Room on the disk, promised before the first byte is asked for. */
export interface Room {
  /**
   * Promises room for what is still to come of a blob; dispose of it when all is here. Frees what nothing needs.
   * Throws Failure when there is not enough even so.
   */
  claim(digest: Digest, name: string, toCome: () => number): Promise<Disposable>;
  isClaimed(digest: Digest): boolean;
  /** What a disk that became full on the way means: how much is missing, and what could go. */
  explain(name: string, toCome: number, cause: Error): Promise<Failure>;
}

export interface RoomOptions {
  readonly folder: string;
  readonly reserve: () => number | undefined;
  /** Removes what nothing needs until so many bytes are free again. */
  readonly free: (bytes: number) => Promise<unknown>;
  /** What is here, in words, and why it stays. */
  readonly kept: () => Promise<string>;
}

export function roomOf({ folder, reserve, free, kept }: RoomOptions): Room {
  const claims = new Map<Digest, () => number>();

  /** Bytes that are lacking, counting what others have been promised. */
  const lacking = async () => {
    const { bavail, bsize } = await statfs(folder);
    const promised = [...claims.values()].reduce((sum, toCome) => sum + toCome(), 0);
    const available = bavail * bsize;
    return { available, missing: promised + (reserve() ?? RESERVE) - available };
  };

  const say = async (name: string, toCome: number, missing: number, available: number) =>
    `${name} still needs ${showBytes(toCome)} on the disk of ${folder}, and ${showBytes(reserve() ?? RESERVE)} are for the rest of the system; ${showBytes(available)} are free, so ${showBytes(missing)} are missing. ${await kept()} Free some, or give this host less to run; then the agent goes on by itself, where it was.`;

  return {
    isClaimed: (digest) => claims.has(digest),
    async explain(name, toCome, cause) {
      const { available } = await lacking();
      const missing = Math.max(0, toCome + (reserve() ?? RESERVE) - available);
      return diskFull(await say(name, toCome, missing, available), { cause });
    },
    async claim(digest, name, toCome) {
      claims.set(digest, toCome);
      const { missing } = await lacking();
      if (missing > 0) await free(missing);
      const now = await lacking();
      if (now.missing <= 0) return { [Symbol.dispose]: () => claims.delete(digest) };
      claims.delete(digest);
      throw diskFull(await say(name, toCome(), now.missing, now.available));
    },
  };
}
