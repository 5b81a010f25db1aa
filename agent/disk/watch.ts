import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Conditions, Service } from "../life/life.ts";
import { writeAtomic } from "./atomic.ts";
import { diskFailure } from "./disk-failure.ts";
import type { StateFolder } from "./state-folder.ts";

const CANNOT_WRITE = "disk/cannot-write";
const LOOK_MS = 30_000;
/** A full disk still takes empty files. */
const PAGE = Buffer.alloc(4_096);

export interface Watched {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly conditions: Conditions;
  /** Called when the disk takes writes again. */
  readonly recovered: () => void;
}

/** Whether the state folder takes a file now: one is written, and removed. Raises the condition, or clears it. */
export async function tryDisk({
  state,
  conditions,
}: Pick<Watched, "state" | "conditions">): Promise<boolean> {
  const path = join(state.root, ".writable");
  try {
    await writeAtomic(path, PAGE);
    await rm(path);
    conditions.clear(CANNOT_WRITE);
    return true;
  } catch (error) {
    const { message } = diskFailure(state.root, "written", error);
    conditions.raise({
      code: CANNOT_WRITE,
      severity: "error",
      message: `${message} Models are served; nothing new is taken and no feedback is kept until then.`,
    });
    return false;
  }
}

/** Looks now and then: a disk that fails is mounted read-only by the kernel while everything runs. */
export function watchDisk(watched: Watched): Service {
  const { conditions, clock, recovered } = watched;
  const isRefused = () => conditions.list().some(({ code }) => code === CANNOT_WRITE);
  return async (signal) => {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      const was = isRefused();
      if (!signal.aborted && (await tryDisk(watched)) && was) recovered();
    }
  };
}
