import { readSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../life/life.ts";

export type Opened =
  | { readonly kind: "open"; readonly log: KernelLog }
  /** There is none here, as in many containers. */
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string };

export interface KernelLog {
  /** Tells each record that comes from now on, until the signal. */
  follow(told: (record: string) => void, signal: AbortSignal): Promise<void>;
}

const KMSG = "/dev/kmsg";
const LOOK_EVERY_MS = 2_000;
/** printk(): a record and its dictionary. */
const RECORD_BYTES = 8192;
/** Read at a stretch, in a millisecond or less; whatever the kernel floods its log with, others have their turn. */
const AT_ONCE = 100;

/**
 * The kernel's own log, which keeps talking when a driver hangs. Reading waits for nothing and is done every two seconds:
 * a read that waits would hold one of Node's four threads for good, and one that does not is over sooner than a thread
 * could take it up.
 */
export async function openKernelLog(
  path = KMSG,
  clock: Clock,
  everyMs = LOOK_EVERY_MS,
): Promise<Opened> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENXIO" || code === "ENODEV"
      ? { kind: "none" }
      : { kind: "refused", reason: code };
  }
  return { kind: "open", log: logOf(file, clock, everyMs) };
}

function logOf(file: FileHandle, clock: Clock, everyMs: number): KernelLog {
  const buffer = Buffer.alloc(RECORD_BYTES);
  /** One record of /dev/kmsg; `undefined`: there is none just now. */
  const next = (): string | undefined => {
    try {
      const size = readSync(file.fd, buffer, 0, RECORD_BYTES, null);
      return size === 0 ? undefined : buffer.toString("utf8", 0, size);
    } catch (error) {
      // EPIPE: records were overwritten before they were read; the next read gives the oldest that is left.
      return (error as NodeJS.ErrnoException).code === "EPIPE" ? "" : undefined;
    }
  };
  const readAll = async (told: (record: string) => void, signal: AbortSignal) => {
    for (let count = 1; !signal.aborted; count += 1) {
      const record = next();
      if (record === undefined) return;
      for (const line of record.split("\n")) told(line);
      if (count % AT_ONCE === 0) await clock.sleep(1, signal);
    }
  };
  return {
    async follow(told, signal) {
      try {
        // What was there before is history: the agent before this one has told it.
        await readAll(() => undefined, signal);
        while (!signal.aborted) {
          await clock.sleep(everyMs, signal);
          await readAll(told, signal);
        }
      } finally {
        await file.close();
      }
    },
  };
}
