import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const sizes = { small: { tokens: 2048 } };

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { model: mailTriage, context: sizes.large.tokens },
    other: { model: mailTriage, context: sizes(1) },
  },
});
