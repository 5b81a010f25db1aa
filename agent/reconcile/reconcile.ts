/**
 * What is, into what is wanted.
 *
 * In: plans that trust has proved. Out: the models of the newest plan, serving; and three facts apart: desired,
 * attempted, running. Promise: whatever fails, what ran goes on running, until something proved takes its place. No new
 * plan is taken while a freeze window of the running one is open, while the new one is on hold, or when it takes away
 * without a word what the running one protects. Beyond the staleness that the plan allows, nothing is served. No request
 * is cut by a change; a plan that failed is not tried again until a new one comes.
 */
export { decide, isSettled, type Observed, type ObservedInstance, type Step } from "./decide.ts";
export type { EngineNumbers } from "./engine-numbers.ts";
export { frozenUntil } from "./frozen-until.ts";
export type { Outcome } from "./progress.ts";
export {
  type CrashReport,
  type Quarantine,
  type QuarantineFiles,
  quarantineOf,
} from "./quarantine.ts";
export {
  type Blobs,
  type Instancing,
  type ReconcileOptions,
  type Reconciler,
  reconciler,
} from "./reconciler.ts";
export { inTurn } from "./recycle.ts";
export type { Room } from "./room.ts";
export type { Lease, Refusal, ServedName, Serving } from "./serving.ts";
export type { ReconcileStatus } from "./status.ts";
export { needsOf, type Wanted, wantedOf } from "./wanted.ts";
