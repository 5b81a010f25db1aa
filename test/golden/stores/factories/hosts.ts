import { host } from "@millwright/schema";

export const fra1 = host({
  name: "fra-1",
  key: "ed25519:AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  site: "fra",
  region: "de",
  memory: "64GiB",
  store: {
    mirrors: [
      "https://models.acme.example",
      "http://127.0.0.1:9000",
      "http://models.acme.example/gguf",
      "https://fra:geheim@models.acme.example/gguf",
      "https://models.acme.example:70000",
    ],
    watermarks: { high: 0.7, low: 0.85 },
  },
});
