import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { model: mailTriage, context: 16_384, parallel: 8, gpus: 1 },
    long: { model: mailTriage, context: 131_072, parallel: 2, cache: "q8_0" },
  },
});
