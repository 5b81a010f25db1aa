import type { HostName } from "@millwright/schema";

/** What a revision does to the hosts; all others keep their plan to the byte. Sorted by name. */
export interface HostChanges {
  readonly added: readonly HostName[];
  readonly changed: readonly HostName[];
  readonly removed: readonly HostName[];
}

/** From host to the id of its plan, before and after. */
export function hostChanges(
  before: ReadonlyMap<HostName, string>,
  after: ReadonlyMap<HostName, string>,
): HostChanges {
  const now = [...after.keys()].sort();
  return {
    added: now.filter((host) => !before.has(host)),
    changed: now.filter((host) => before.has(host) && before.get(host) !== after.get(host)),
    removed: [...before.keys()].filter((host) => !after.has(host)).sort(),
  };
}
