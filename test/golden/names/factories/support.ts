import { factory } from "@millwright/schema";
import { mailTriage, mailTriag } from "./models.ts";

const context = size * 2;
const size = 2048;

export const support = factory({
  name: "support",
  owner: tem,
  deployments: { triage: { model: mailTriage, context } },
});
