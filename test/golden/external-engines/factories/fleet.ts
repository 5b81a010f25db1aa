import { fleet } from "@millwright/schema";

export const acme = fleet({ name: "acme", hubs: ["wss://hub.acme.example"], regions: { eu: ["de", "fr"] } });
