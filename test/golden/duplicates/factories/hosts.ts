import { host } from "@millwright/schema";

const common = { key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", site: "fra", region: "de", memory: "64GiB" };
export const fra1 = host({ ...common, name: "fra-1" });
export const fra2 = host({ ...common, name: "fra-2" });
