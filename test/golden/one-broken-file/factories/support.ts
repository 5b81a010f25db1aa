import { factory } from "@millwright/schema";
import { mail } from "./broken.ts";
import { mailTriage } from "./models.ts";

// What the broken file would have said is not complained of; what is wrong by itself is.
export const support = factory({
  name: "support",
  owner: "team-support",
  reads: [mail],
  deployments: { triage: { model: mailTriage, context: 32 } },
});
