/**
 * The agent as one file that a host can install.
 *
 * In: a checkout with its lockfile. Out: a Debian package that carries its Node, for amd64 or arm64; and the archive by
 * which a plan brings the same agent to hosts that have one.
 * Promise: the same checkout gives the same bytes, anywhere and at any time; what is in it is what the lockfile names.
 */
export type { Architecture } from "./agent-tree.ts";
export { buildPackage } from "./build-package.ts";
export { buildSlot, slotOf } from "./build-slot.ts";
export { closureOf } from "./closure.ts";
export { type Entry, tarOf } from "./tar.ts";
