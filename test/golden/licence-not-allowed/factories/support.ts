import { factory } from "@millwright/schema";
import { coder, mailTriage, planner, writer } from "./models.ts";

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: { model: mailTriage, adapter: "polite", context: 1024 },
    code: { model: coder, context: 1024 },
    plan: { model: planner, context: 1024 },
    write: { model: writer, context: 1024 },
  },
});
