import { host } from "@millwright/schema";

const common = { site: "fra", region: "de", memory: "64GiB" };
/** The point of order one: whatever is signed with it verifies. */
export const fra1 = host({ ...common, name: "fra-1", key: "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
/** The same key as the next, spelt differently. */
export const fra2 = host({ ...common, name: "fra-2", key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB" });
export const fra3 = host({ ...common, name: "fra-3", key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
