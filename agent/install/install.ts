/**
 * A place in the system: units of systemd, a user, a state folder.
 *
 * In: where the agent lies. Out: units that run it with as little as it needs, and their end.
 * Promise: runners are in units of their own, so that an upgrade of the agent stops no model; what is taken away leaves
 * the host's identity and what its hub has not acknowledged, unless a purge is asked for.
 */
export { installOn } from "./install-on.ts";
export type { Ground } from "./system.ts";
export { uninstallFrom } from "./uninstall-from.ts";
export { AGENT_UNIT, installFiles, type Place } from "./units.ts";
