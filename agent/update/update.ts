/**
 * The agent's own version.
 *
 * In: a plan that names a version and where its archive can be had. Out: that agent, running in the place of this one.
 * Promise: what runs is never written over; another agent takes over only after it has shown on this host that it
 * loads, and stays only after it was truly up; after three starts in vain the one before runs again, and is told why;
 * no model stops for it.
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export { type Ending, type Launched, launchedIn } from "./launched.ts";
export { busyWith, missingOf } from "./moment.ts";
export { keepWords, relaunch } from "./relaunch.ts";
export { SlotManifest } from "./slot-manifest.ts";
export { readPointer } from "./slots.ts";
export { type UpdateOptions, updater } from "./updater.ts";

/** The launcher, below the folder of the agent. */
export const LAUNCHER: string = relative(
  join(import.meta.dirname, ".."),
  fileURLToPath(import.meta.resolve("./launcher-main.ts")),
);
