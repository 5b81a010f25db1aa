import Type from "typebox";
import type * as documented from "./documented.ts";
import { type Fields, kindOf, name, refersTo, strict, type Written } from "./field.ts";
import { licence, Smoke, source } from "./model.ts";

export const Adapter = strict(
  {
    kind: kindOf("adapter"),
    name: name("What deployments call it."),
    base: refersTo("model", "The model whose weights it corrects."),
    source,
    licence: Type.Optional(licence),
    trainedOn: Type.Optional(
      Type.Array(refersTo("dataset", "A dataset that it learned from."), {
        description: "The data that it learned from. It may live only where that data may.",
      }),
    ),
    smoke: Type.Optional(Smoke),
  },
  {
    description: "A LoRA adapter in GGUF form: a small correction over the weights of one model.",
    examples: [
      {
        kind: "adapter",
        name: "mail-triage-care",
        base: "mail-triage",
        source: "file:models/mail-triage-care-lora.gguf",
        licence: "Apache-2.0",
        trainedOn: ["support-mail"],
        smoke: { prompt: "I do not want keyboard 6823 any more.", contains: "care" },
      },
    ],
  },
);
export type Adapter = documented.Adapter;

/** A LoRA adapter in GGUF form: a small correction over the weights of one model. */
export function adapter(fields: Fields<Adapter>): Written<"adapter", Adapter> {
  return { kind: "adapter", ...fields };
}
