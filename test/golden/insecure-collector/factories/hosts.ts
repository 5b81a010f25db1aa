import { host } from "@millwright/schema";

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "64GiB",
});
