import Type, { type Static } from "typebox";
import { type Fields, name, strict, type Written } from "./field.ts";

export const classifications = ["public", "internal", "confidential", "restricted"] as const;
export type Classification = (typeof classifications)[number];

export const purposes = ["serve", "monitor", "evaluate", "train", "debug"] as const;
export type Purpose = (typeof purposes)[number];

/** Data that a factory works on, and the rules that travel with it. */
export const Dataset = strict(
  {
    kind: Type.Literal("dataset"),
    name: name("The dataset."),
    classification: Type.Enum([...classifications], {
      description: "How secret it is. Feedback on work with it carries the same mark.",
    }),
    residency: Type.Array(name("A region, or a group of the fleet's `regions`."), {
      minItems: 1,
      description:
        "Where it may be. A deployment that reads it is placed on hosts of these regions alone.",
      examples: [["eu"]],
    }),
    purposes: Type.Array(Type.Enum([...purposes]), {
      minItems: 1,
      description: "What it may be used for. Feedback on work with it carries the same list.",
    }),
  },
  { description: "Data that a factory works on, and the rules that travel with it." },
);
export type Dataset = Static<typeof Dataset>;

export function dataset(fields: Fields<Dataset>): Written<"dataset", Dataset> {
  return { kind: "dataset", ...fields };
}
