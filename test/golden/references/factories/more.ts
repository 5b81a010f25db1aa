import { dataset, factory, model } from "@millwright/schema";
import { acme } from "./fleet.ts";

const hidden = model({ name: "hidden", source: "file:models/hidden.gguf" });

export const more = factory({
  name: "more",
  owner: "team-more",
  deployments: {
    one: { model: acme, context: 4096 },
    two: { model: hidden, context: 4096 },
  },
});

const nowhere = dataset({ name: "nowhere", classification: "public", residency: ["de"], purposes: ["serve"] });

export const many = factory({
  name: "many",
  owner: "team-many",
  reads: ["mail", nowhere, more],
  deployments: { three: { model: "mail-triage", context: 4096 }, four: { model: "mail-triage", context: 4096 } },
  routes: {
    tell: { to: "ask", fallback: ["three"] },
    write: { to: "three", fallback: ["tel", "one"] },
    say: { to: "tell" },
  },
});
