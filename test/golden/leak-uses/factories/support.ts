import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const sales = factory({
  name: "sales",
  owner: "team-sales",
  reads: ["orders"],
  deployments: { forecast: { model: mailTriage, context: 4096 } },
  routes: { "forecast-sales": { to: "forecast" } },
});

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: { triage: { model: mailTriage, adapter: "kind-words", context: 4096 } },
  routes: { "summarise-mail": { to: "triage" } },
  feedback: { sample: 0.1, redact: "personal", keep: "90d" },
});
