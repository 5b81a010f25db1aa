import { adapter, factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const care = adapter({ name: "care", base: mailTriage, source: "file:models/care.gguf" });

const size = { model: mailTriage, context: 4096 };

export const support = factory({
  name: "support",
  owner: "team-support",
  reads: ["support-mail"],
  deployments: {
    unsaid: { ...size, engine: { kind: "openai" } },
    deaf: { ...size, engine: { kind: "openai", command: ["serve", "--model", "{model}"] } },
    relative: { ...size, engine: { kind: "llama-server", command: ["bin/llama-server"] } },
    mixed: {
      ...size,
      engine: { kind: "openai", command: ["serve", "{port}"], args: ["--quiet"] },
    },
    misspelt: {
      ...size,
      engine: {
        kind: "openai",
        command: ["serve", "{port}", "--model", "{modle}", "--template", "{{ messages }}"],
        probe: { every: "1d" },
      },
    },
    overruled: { ...size, engine: { kind: "llama-server", args: ["--host=0.0.0.0", "--mlock"] } },
    preloaded: {
      ...size,
      engine: {
        kind: "llama-server",
        env: { LD_PRELOAD: "/tmp/x.so", HF_TOKEN: "hf_abcdefghijkl", GGML_SCHED_DEBUG: "1" },
      },
    },
    told: {
      ...size,
      engine: { kind: "llama-server", env: { MY_API_KEY: "swordfish" }, args: ["--api-key-x", "sk-abcdefgh1234"] },
    },
    cannot: { ...size, adapter: care, cache: "q8_0", engine: { kind: "vllm" } },
    "untold-adapter": { ...size, adapter: care, engine: { kind: "openai", command: ["serve", "{port}"] } },
    beside: { ...size, adapters: [care], engine: { kind: "llama-server" } },
    misnamed: { ...size, engine: { kind: "tgi" } },
  },
  routes: { ask: { to: "unsaid" } },
});
