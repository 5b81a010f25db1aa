import { host } from "@millwright/schema";

const common = { region: "de", memory: "64GiB" };
export const fra1 = host({ ...common, name: "fra-1", site: "fra", labels: { rack: "a" }, key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
export const ams1 = host({ ...common, name: "ams-1", site: "ams", labels: { rack: "b" }, key: "ed25519:BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
