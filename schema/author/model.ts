import Type from "typebox";
import type * as documented from "./documented.ts";
import { duration, type Fields, kindOf, name, strict, type Written } from "./field.ts";

export const SOURCE_PATTERN = "^(file:|https://)\\S+$";

const source = Type.String({
  pattern: SOURCE_PATTERN,
  description:
    "`file:models/x.gguf` beside the definitions in the repository (the hub serves it), `file:///srv/models/x.gguf` on every host's disk, or `https://…`.",
  examples: ["file:models/mail-triage.gguf", "https://models.example.org/coder-q4.gguf"],
});

/** A licence as SPDX writes it, or an expression of several. */
const licence = Type.String({
  minLength: 1,
  maxLength: 300,
  "x-licence": "expression",
  description:
    "What it may be used for: an SPDX expression such as `Apache-2.0`, or `LicenseRef-…` for a licence of its own. The fleet may say which are allowed.",
  examples: ["Apache-2.0", "MIT OR Apache-2.0", "LicenseRef-llama-3.1"],
});

/** A question asked of a freshly loaded model before it gets any traffic. */
export const Smoke = strict(
  {
    prompt: Type.String({ minLength: 1, description: "Said as the user." }),
    contains: Type.String({ minLength: 1, description: "What the answer must contain." }),
    within: Type.Optional(duration("The longest it may take; 30s when absent.")),
  },
  { description: "A question asked of a freshly loaded model before it gets any traffic." },
);
export type Smoke = documented.Smoke;

export const Model = strict(
  {
    kind: kindOf("model"),
    name: name("What deployments and adapters call it."),
    source,
    licence: Type.Optional(licence),
    smoke: Type.Optional(Smoke),
  },
  {
    description: "A model in GGUF form. `millwright lock` resolves its source to a digest.",
    examples: [
      {
        kind: "model",
        name: "mail-triage",
        source: "file:models/mail-triage.gguf",
        licence: "Apache-2.0",
        smoke: { prompt: "My parcel 4821 has not arrived.", contains: "logistics" },
      },
    ],
  },
);
export type Model = documented.Model;

/** A model in GGUF form. `millwright lock` resolves its source to a digest. */
export function model(fields: Fields<Model>): Written<"model", Model> {
  return { kind: "model", ...fields };
}

export { licence, source };
