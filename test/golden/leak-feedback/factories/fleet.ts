import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: [
    { url: "wss://hub.acme.example", region: "us", clearance: "internal" },
    "wss://hub-2.acme.example",
  ],
  regions: { eu: ["de", "fr"] },
});
