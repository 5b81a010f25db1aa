import { host } from "@millwright/schema";

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "64GiB",
});

export const fra2 = host({
  name: "fra-2",
  key: "ed25519:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
  site: "fra",
  region: "de",
  memory: "64GiB",
});
