/**
 * The names of the files by which a plan reaches a host: the keys of OpAMP's `AgentConfigMap`,
 * and the names in a folder on a disk. All but the last three are TUF's own (specification 1.0.34, section 4).
 */
export const delivered = {
  root: (version: number) => `${version}.root.json`,
  timestamp: "timestamp.json",
  snapshot: (version: number) => `${version}.snapshot.json`,
  targets: (version: number) => `${version}.targets.json`,
  revision: "revision.json",
  plan: "plan.json",
  inclusion: "inclusion.json",
} as const;

/** Files by name, as they came: nothing about them has been checked. */
export type Delivery = ReadonlyMap<string, Uint8Array>;

/** The largest sizes that a reader accepts, in bytes. */
export const deliveryLimits = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 2_000_000,
  targets: 1_000_000,
  revision: 64_000,
  plan: 2_000_000,
  inclusion: 16_384,
} as const;

const versioned = /^[1-9]\d{0,15}\.(?:root|snapshot|targets)\.json$/;
const limits: ReadonlyMap<string, number> = new Map(
  Object.entries(deliveryLimits).map(([file, limit]) => [`${file}.json`, limit]),
);

/** How large the file of this name may be, in bytes; `undefined` for a name that no delivery has. */
export function deliveryLimitOf(name: string): number | undefined {
  const isVersioned = versioned.test(name);
  const plain = isVersioned ? name.replace(/^\d+\./, "") : name;
  // Roots, snapshots and targets have their version before the name, all others have none.
  if (!isVersioned && /^(?:root|snapshot|targets)\./.test(name)) return undefined;
  return limits.get(plain);
}
