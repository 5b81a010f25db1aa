import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  reads: ["support-mail"],
  deployments: {
    triage: { model: mailTriage, context: 4096 },
    planner: { model: mailTriage, context: 4096 },
  },
  routes: { ask: { to: "triage", fallback: ["planner"] } },
});
