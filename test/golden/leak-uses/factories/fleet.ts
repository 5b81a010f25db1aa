import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  hubs: [{ url: "wss://hub.acme.example", region: "de" }],
  withdrawn: ["terms-2019"],
});
