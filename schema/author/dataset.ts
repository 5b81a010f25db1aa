import Type from "typebox";
import type * as documented from "./documented.ts";
import { duration, type Fields, kindOf, name, strict, type Written } from "./field.ts";

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
    retention: Type.Optional(
      duration(
        "The longest that anything taken from it is kept. A factory that reads it keeps feedback no longer.",
      ),
    ),
    redact: Type.Optional(
      Type.Enum(["personal"], {
        description:
          "What must be taken out before anything of it leaves a host: `personal` as in a factory's feedback.",
      }),
    ),
    redacted: Type.Optional(
      strict(
        {
          classification: Type.Optional(
            Type.Enum([...classifications], { description: "How secret it is then." }),
          ),
          residency: Type.Optional(
            Type.Array(name("A region, or a group of the fleet's `regions`."), {
              minItems: 1,
              description: "Where it may be then.",
            }),
          ),
        },
        {
          description:
            "What changes once personal data is taken out. Every use of this is listed in the proof. What is not said stays as it is.",
          examples: [{ classification: "internal" }],
        },
      ),
    ),
    consent: Type.Optional(
      Type.Array(name("A consent."), {
        minItems: 1,
        maxItems: 100,
        description:
          "The consents under which it was given, by names of your own. When the fleet lists one as withdrawn, nothing that hangs on it compiles.",
        examples: [["support-terms-2025"]],
      }),
    ),
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
        retention: "180d",
        redact: "personal",
        redacted: { classification: "internal" },
        consent: ["support-terms-2025"],
      },
    ],
  },
);
export type Dataset = documented.Dataset;

/** Data that a factory works on, and the rules that travel with it. */
export function dataset(fields: Fields<Dataset>): Written<"dataset", Dataset> {
  return { kind: "dataset", ...fields };
}
