import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  reads: ["support-mail"],
  deployments: { triage: { model: mailTriage, context: 4096 } },
  routes: { "summarise-mail": { to: "triage" } },
  feedback: { sample: 0.1, redact: "nothing", keep: "90d" },
});
