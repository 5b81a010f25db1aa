import { factory } from "@millwright/schema";
import { supportMail } from "./data.ts";
import { mailTriage } from "./models.ts";

/** Reads the support inbox: each mail becomes one line, addressed to the right team. */
export const support = factory({
  name: "support",
  owner: "team-support",
  reads: [supportMail],
  deployments: {
    triage: {
      model: mailTriage,
      // adapter: "mail-triage-care",
      replicas: 2,
      context: 1024,
      parallel: 4,
      spread: "host",
    },
  },
  routes: {
    "summarise-mail": { to: "triage" },
  },
  feedback: { sample: 0.25, redact: "personal", keep: "90d" },
});
