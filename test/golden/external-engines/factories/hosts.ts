import { host } from "@millwright/schema";

export const zrh1 = host({
  name: "zrh-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "zrh",
  region: "de",
  memory: "64GiB",
});
