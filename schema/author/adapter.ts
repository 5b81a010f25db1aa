import Type, { type Static } from "typebox";
import { type Fields, name, refersTo, strict, type Written } from "./field.ts";
import { licence, Smoke, source } from "./model.ts";

/** A LoRA adapter in GGUF form: a small correction over the weights of one model. */
export const Adapter = strict(
  {
    kind: Type.Literal("adapter"),
    name: name("The adapter."),
    base: refersTo("model", "The model whose weights it corrects."),
    source,
    licence: Type.Optional(licence),
    trainedOn: Type.Optional(
      Type.Array(refersTo("dataset", "A dataset."), {
        description: "The data that it learned from. It may live only where that data may.",
      }),
    ),
    smoke: Type.Optional(Smoke),
  },
  { description: "A LoRA adapter in GGUF form: a small correction over the weights of one model." },
);
export type Adapter = Static<typeof Adapter>;

export function adapter(fields: Fields<Adapter>): Written<"adapter", Adapter> {
  return { kind: "adapter", ...fields };
}
