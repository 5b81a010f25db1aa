import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

let owner = "team-support";
const started = new Date();
const isLarge = process.env.SIZE == "large";

class Shape {}

export const support = factory({
  name: "support",
  owner: owner.replace(/team-/, ""),
  deployments: { triage: { model: mailTriage, context: isLarge ? 8192 : 4096 } },
});
