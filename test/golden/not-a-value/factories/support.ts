import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const zero = 0;

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { model: mailTriage, context: 4096 / zero, replicas: zero / zero, parallel: undefined },
    other: { model: mailTriage, context: () => 4096 },
  },
});
