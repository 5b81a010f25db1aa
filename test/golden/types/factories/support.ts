import { type Deployment, type Fields, factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

interface Size {
  readonly context: number;
  readonly sequences?: number;
}

const sizes: Record<"small" | "large", Size> = {
  small: { context: 2048 },
  large: { context: 4096, sequence: 2 },
};

/** A deployment of so many tokens. */
function triage(size: Size, team: string): Fields<Deployment> {
  return { model: mailTriage, context: size.context, spread: team };
}

export const support = factory({
  name: "support",
  owner: "team-support",
  deployments: {
    triage: triage(sizes.large),
    second: { ...triage(sizes.small, "second"), replicas: "2" as string },
  },
});
