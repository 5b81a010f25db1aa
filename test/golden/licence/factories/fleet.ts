import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: ["wss://hub.acme.example"],
  licences: ["apache 2.0", "MIT OR BSD-3-Clause"],
});
