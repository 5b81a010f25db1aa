import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { model: mailTriage, adapters: ["care", "nobody"], context: 4096, recycle: { after: "1s" } },
    spare: { model: mailTriage, context: 4096, recycle: { requests: 0 } },
  },
});
