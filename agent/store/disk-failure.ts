import { Failure, messageOf } from "../life/life.ts";

const FULL = "store/disk-full";
const FAILED = "store/disk-failed";
const full: readonly string[] = ["ENOSPC", "EDQUOT"];

/** The disk of the store failed: no other source helps. */
export function isDiskFailure(error: unknown): error is Failure {
  return error instanceof Failure && (error.code === FULL || error.code === FAILED);
}

export function isDiskFull(error: unknown): error is Failure {
  return error instanceof Failure && error.code === FULL;
}

export function diskFull(message: string, options?: ErrorOptions): Failure {
  return new Failure(FULL, message, options);
}

/** Does something with the disk of the store. What the disk refuses is never taken for a fault of the source. */
export async function onDisk<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (full.includes(code))
      throw diskFull(
        `The disk of ${folder} is full. What has come is kept. Free some, then the agent goes on by itself.`,
        { cause },
      );
    if (!/^E[A-Z0-9]+$/.test(code)) throw cause;
    throw new Failure(
      FAILED,
      `The disk of ${folder} refuses: ${messageOf(cause)}. Look at its rights, its mount and its health; it is tried again by itself.`,
      { cause },
    );
  }
}
