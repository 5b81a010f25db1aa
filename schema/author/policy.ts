import Type from "typebox";
import type * as documented from "./documented.ts";
import { type Fields, kindOf, name, strict, type Written } from "./field.ts";

/** What a policy may be about: a kind of definition, a deployment, the plan of a host, or the change as a whole. */
export const policySubjects = [
  "fleet",
  "host",
  "model",
  "adapter",
  "dataset",
  "factory",
  "deployment",
  "plan",
  "change",
] as const;
export type PolicySubject = (typeof policySubjects)[number];

export const Policy = strict(
  {
    kind: kindOf("policy"),
    name: name("What messages call it."),
    on: Type.Enum([...policySubjects], {
      description:
        "What it judges: each definition of a kind, each deployment, each host's plan; or `change`, the change as a whole.",
    }),
    when: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4000,
        "x-cel": "bool",
        description: "CEL: which of them it is about; all, when absent.",
        examples: ["self.gpus > 0"],
      }),
    ),
    require: Type.String({
      minLength: 1,
      maxLength: 4000,
      "x-cel": "bool",
      description:
        "CEL: what must be true. `self` is what is judged, `definitions` all there is. With `before` and `after` it judges the change, in `millwright diff` and `millwright release`.",
      examples: ['has(self.licence) && self.licence != ""'],
    }),
    message: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: "What the author is told when it is not true: why, and what to do.",
    }),
    action: Type.Optional(
      Type.Enum(["deny", "warn"], {
        description: "`deny`, when absent: nothing is rendered. `warn`: it is only said.",
      }),
    ),
  },
  {
    description: "A rule of the organisation's own, in CEL (https://cel.dev).",
    examples: [
      {
        kind: "policy",
        name: "two-replicas",
        on: "deployment",
        when: "self.factory == 'support'",
        require: "self.replicas >= 2",
        message: "Support is answered around the clock. Give the deployment two replicas.",
        action: "deny",
      },
    ],
  },
);
export type Policy = documented.Policy;

/** A rule of the organisation's own, in CEL (https://cel.dev). */
export function policy(fields: Fields<Policy>): Written<"policy", Policy> {
  return { kind: "policy", ...fields };
}
