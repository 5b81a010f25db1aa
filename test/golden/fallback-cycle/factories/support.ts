import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const small = { model: mailTriage, context: 1024 };

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: { triage: small, care: small, night: small },
  routes: {
    summarise: { to: "triage", fallback: ["answer", "night"] },
    answer: { to: "care", fallback: ["plan"] },
    plan: { to: "night", fallback: ["summarise"] },
    // Leads into the circle, and is no part of it.
    ask: { to: "care", fallback: ["plan"] },
  },
});
