/**
 * The state folder: all that outlives the process.
 *
 * In: bytes. Out: bytes, after any power cut either the old or the new ones.
 * Promise: every write is atomic and durable; an identity is never overwritten.
 */
export { syncFolder, writeAtomic } from "./atomic.ts";
export { type Identity, makeIdentity, readIdentity } from "./identity.ts";
export { openState, readIfThere, type StateFolder } from "./state-folder.ts";
