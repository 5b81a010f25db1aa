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

export const KMSG = "/dev/kmsg";
const LOOK_EVERY_MS = 2_000;
/** printk(): a record and its dictionary. */
const RECORD_BYTES = 8192;
/** One look reads no more than this: a kernel that floods its log must not hold the agent. */
const MOST_RECORDS = 5_000;

/**
 * The kernel's own log, which keeps talking when a driver hangs. Reading waits for nothing and is done every two seconds:
 * a read that waits would hold one of Node's four threads for good.
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
  /** What has come since the last look; it ends where the kernel has no more. */
  async function* news(): AsyncGenerator<string> {
    for (let count = 0; count < MOST_RECORDS; count += 1) {
      let size = 0;
      try {
        size = (await file.read(buffer, 0, RECORD_BYTES, null)).bytesRead;
      } catch (error) {
        // EPIPE: records were overwritten before they were read; the next read gives the oldest that is left.
        if ((error as NodeJS.ErrnoException).code === "EPIPE") continue;
        return;
      }
      if (size === 0) return;
      yield* buffer.toString("utf8", 0, size).split("\n");
    }
  }
  return {
    async follow(told, signal) {
      try {
        // What was there before is history: the agent before this one has told it.
        for await (const _ of news()) if (signal.aborted) return;
        while (!signal.aborted) {
          await clock.sleep(everyMs, signal);
          if (signal.aborted) return;
          for await (const record of news()) told(record);
        }
      } finally {
        await file.close();
      }
    },
  };
}
