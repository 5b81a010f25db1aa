import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: { triage: { model: mailTriage, context: 4096 } },
});
