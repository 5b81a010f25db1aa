import { host } from "@millwright/schema";

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "64GiB",
  agent: {
    version: "0.3.0",
    packages: { x64: "https://releases.example.org/millwright-agent-0.3.0-linux-x64.tar.zst" },
  },
});
