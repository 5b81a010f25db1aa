import { host } from "@millwright/schema";

// What `millwright-agent init` prints on a server goes here, by pull request: merging it enrols the host.
// `npm start` plays three hosts on one machine, hence the loopback ports and the small shares of memory.
const frankfurt = { site: "fra", region: "de", cores: 1, memory: "2GiB" };

export const fra1 = host({
  ...frankfurt,
  name: "fra-1",
  key: "ed25519:xOAH4pgW7TfcrSbW0APE3RSCL4xdlz0EsmeOP18kjto",
  labels: { rack: "a" },
  gateway: { listen: "127.0.0.1:7430" },
});

export const fra2 = host({
  ...frankfurt,
  name: "fra-2",
  key: "ed25519:bj-vHpYWJj1t-loQcSi1BeDOP9y80Sqws3bxIbrDh5U",
  labels: { rack: "b" },
  gateway: { listen: "127.0.0.1:7440" },
});

// A server with eight H200s, to copy. A deployment gets one of its GPUs with `gpus: 1`.
//
// export const fra3 = host({
//   name: "fra-3",
//   key: "ed25519:…",
//   site: "fra",
//   region: "de",
//   cores: 96,
//   memory: "1500GiB",
//   gpus: [{ model: "NVIDIA H200", memory: "141GB", count: 8 }],
//   labels: { rack: "c" },
// });
