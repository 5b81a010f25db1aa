import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: ["wss://hub.acme.example"],
  agent: {
    version: "0.2.0",
    packages: {
      x64: "https://releases.example.org/millwright-agent-0.1.0-linux-x64.tar.zst",
      arm64: "file:models/mail-triage.gguf",
    },
  },
});
