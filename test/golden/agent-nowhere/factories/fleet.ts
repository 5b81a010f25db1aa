import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: ["wss://hub.acme.example"],
  agent: { version: "next", packages: {} },
});
