import { factory } from "@millwright/schema";
import { mail } from "./data.ts";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  reads: [mail],
  deployments: { triage: { model: mailTriage, context: 4096 } },
});
