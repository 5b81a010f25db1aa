import Type from "typebox";
import type * as documented from "./documented.ts";
import { type Fields, kindOf, name, strict, type Written } from "./field.ts";

export const classifications = ["public", "internal", "confidential", "restricted"] as const;
export type Classification = (typeof classifications)[number];

export const purposes = ["serve", "monitor", "evaluate", "train", "debug"] as const;
export type Purpose = (typeof purposes)[number];

export const Dataset = strict(
  {
    kind: kindOf("dataset"),
    name: name("What factories and adapters call it."),
    classification: Type.Enum([...classifications], {
      description: "How secret it is. Feedback on work with it carries the same mark.",
    }),
    residency: Type.Array(name("A region, or a group of the fleet's `regions`."), {
      minItems: 1,
      description:
        "Where it may be. A deployment that reads it is placed on hosts of these regions alone.",
      examples: [["eu"]],
    }),
    purposes: Type.Array(Type.Enum([...purposes], { description: "A use that is allowed." }), {
      minItems: 1,
      description: "What it may be used for. Feedback on work with it carries the same list.",
      examples: [["serve", "evaluate"]],
    }),
  },
  {
    description: "Data that a factory works on, and the rules that travel with it.",
    examples: [
      {
        kind: "dataset",
        name: "support-mail",
        classification: "confidential",
        residency: ["eu"],
        purposes: ["serve", "evaluate", "train"],
      },
    ],
  },
);
export type Dataset = documented.Dataset;

/** Data that a factory works on, and the rules that travel with it. */
export function dataset(fields: Fields<Dataset>): Written<"dataset", Dataset> {
  return { kind: "dataset", ...fields };
}
