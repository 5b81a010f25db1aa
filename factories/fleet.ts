import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  // On one machine, as `npm start` runs it. Elsewhere: ["wss://hub.acme.example"].
  hubs: ["ws://127.0.0.1:7420"],
  regions: { eu: ["de", "fr", "nl"] },
  telemetry: { every: "2s" },
});
