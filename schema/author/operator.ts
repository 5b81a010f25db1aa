/** What an operator says to one host, or to all: fields of both `host` and `fleet`. */
import Type from "typebox";
import { name } from "./field.ts";

export const hold = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 500,
    description:
      "An operator's pause, and why: hosts stay as they are, whatever else changes, until it is taken out again.",
    examples: ["the power feed is being exchanged on Tuesday"],
  }),
);

export const retired = Type.Optional(
  Type.Array(name("A deployment."), {
    minItems: 1,
    maxItems: 10_000,
    description:
      "Deployments that run here no more. Hosts let go of what is protected only when it is named here.",
    examples: [["newsletter-writer"]],
  }),
);
