import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: [
    "wss://hub.acme.example",
    "ws://127.0.0.1:7440",
    "ws://10.0.0.5:7440",
    "wss://hub.acme.example:70000",
    "http://hub.acme.example",
    "http://localhost:7440",
    "hub.acme.example",
  ],
  regions: { eu: ["de", "fr"] },
});
