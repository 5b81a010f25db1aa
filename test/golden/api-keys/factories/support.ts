import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const crm = `sha256:${"a1".repeat(32)}`;

export const support = factory({
  name: "support",
  owner: "team-support",
  reads: ["support-mail"],
  deployments: { triage: { model: mailTriage, context: 4096 } },
  routes: { ask: { to: "triage" } },
  apiKeys: {
    crm: { digest: crm, models: ["ask", "triag"] },
    shop: { digest: crm, priority: "low" },
    portal: { digest: "mw-secret" },
  },
});
