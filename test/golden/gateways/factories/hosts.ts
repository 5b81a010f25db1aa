import { host } from "@millwright/schema";
import { support } from "./support.ts";

const at = { site: "fra", region: "de", memory: "64GiB" };

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ...at,
  gateway: { listen: "10.0.3.7:7430", address: "10.0.3.7:7430" },
});

export const fra2 = host({
  name: "fra-2",
  key: "ed25519:BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ...at,
  gateway: { listen: "127.0.0.1:7430", address: "10.0.3.8:7432" },
});

export const fra3 = host({
  name: "fra-3",
  key: "ed25519:BQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ...at,
  gateway: { listen: "127.0.0.1:7430", address: "10.0.3.8:7432" },
});

export const fra4 = host({
  name: "fra-4",
  key: "ed25519:BgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ...at,
  gateway: { listen: "127.0.0.1:7430", factories: [support] },
});
