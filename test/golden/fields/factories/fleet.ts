import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: ["https://hub.acme.example"],
  regions: { eu: ["de", "fr"] },
  telemetry: { every: "50ms" },
});
