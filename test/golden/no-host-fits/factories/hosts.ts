import { host } from "@millwright/schema";

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "8GiB",
});

export const fra2 = host({
  name: "fra-2",
  key: "ed25519:BQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "16GiB",
});
