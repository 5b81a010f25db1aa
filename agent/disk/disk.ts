/**
 * The state folder: all that outlives the process.
 *
 * In: bytes. Out: bytes, after any power cut either the old or the new ones.
 * Promise: every write is atomic and durable; an identity is never overwritten; one process writes at a time; a folder
 * that a newer agent wrote is left alone; what the disk refuses is told with its cure.
 */
export { makeFolder, syncFolder, writeAtomic } from "./atomic.ts";
export { type Identity, makeIdentity, readIdentity } from "./identity.ts";
export { lockState } from "./lock.ts";
export { openState, readIfThere, type StateFolder, stateIn } from "./state-folder.ts";
export { tryDisk, watchDisk } from "./watch.ts";
