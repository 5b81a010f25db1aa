import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

// No complaint about sites: fra-2 is broken, so who knows where it stands.
export const second = factory({
  name: "second",
  owner: "team-support",
  deployments: { code: { model: mailTriage, context: 4096, where: { site: "zrh" } } },
});
