import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const small = { model: mailTriage, context: 1024 };

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: { triage: small, care: small, night: small },
  routes: {
    nowhere: { fallback: ["triage"] },
    twice: { to: "triage", split: { care: 1, night: 1 } },
    endless: { choose: [{ when: "tokens < 2000", to: "triage" }] },
    odd: {
      choose: [
        { when: "token < 2000 && tokens < '5'", to: "triage" },
        { when: "tokens <", to: "triage" },
        { when: "operation == 'chatt'", to: "triage" },
        { when: "tokens + 1 > 5 || task.matches('a+')", to: "care" },
        { when: "tokens", to: "care" },
        { when: "tools", to: "nihgt", split: { care: 1 } },
        { when: "stream" },
        { when: "!tools", split: { car: 1 } },
        { to: "night" },
        { when: "tools", to: "care" },
      ],
    },
    chooser: { choose: [{ when: "tools", to: "triage" }, { to: "care" }] },
    again: { choose: [{ when: "tools", to: "chooser" }, { when: "tools", to: "care" }, { to: "night" }] },
    judged: {
      choose: [
        {
          classify: {
            by: "chooser",
            labels: { code: { is: "writes programs", to: "coder" }, mail: { is: "is about a letter", to: "triage" } },
          },
        },
        { to: "night" },
      ],
      escalate: { below: 0.5, to: "large" },
      shadow: { to: "triag", share: 0.1 },
    },
    loop: { choose: [{ to: "loop" }] },
  },
});
