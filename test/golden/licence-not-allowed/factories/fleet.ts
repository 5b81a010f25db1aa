import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: ["wss://hub.acme.example"],
  licences: ["Apache-2.0", "MIT", "GPL-3.0-only"],
});
