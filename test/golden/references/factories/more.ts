import { factory, model } from "@millwright/schema";
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
