import { host, range } from "@millwright/schema";

export const fra = range(1, 40).map((n) =>
  host({
    name: `fra-${n}`,
    key: `ed25519:Aw${"A".repeat(41)}`,
    site: "fra",
    region: "de",
    memory: "64 gigabytes",
  }),
);
