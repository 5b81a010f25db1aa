import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const small = { model: mailTriage, context: 1024 };

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { ...small, where: { site: "fra2" } },
    code: { ...small, where: { region: "de", rak: "a" } },
    plan: { ...small, where: { name: "zrh-9", zone: "1" } },
    both: { ...small, where: { site: "fra", rack: "b" } },
  },
});
