import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const small = { model: mailTriage, context: 1024 };

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: { triage: small, care: small, night: small },
  routes: {
    summarise: { to: "triage", fallback: ["care", "triage"] },
    answer: { to: "care", fallback: ["night"] },
    // The route answer brings night, so that it is of use.
    plan: { to: "care", fallback: ["answer"] },
    ask: { to: "night", fallback: ["care", "answer"] },
  },
});
