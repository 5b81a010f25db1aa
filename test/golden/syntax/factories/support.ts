import { factory } from "@millwright/schema";

export const support = factory({
  name: "support",
  owner: "team-support"
  deployments: {},
});
