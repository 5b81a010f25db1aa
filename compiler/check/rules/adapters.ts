import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Found } from "../definitions.ts";

/** An adapter corrects the weights of one model: a deployment may put it over no other. */
export function adapters(
  { value, spanOf }: Found<"factory">,
  known: ReadonlyMap<string, Found<"adapter">>,
): readonly Diagnostic[] {
  return Object.entries(value.deployments).flatMap(([name, { model, adapter }]): Diagnostic[] => {
    const over = adapter === undefined ? undefined : known.get(adapter);
    if (over === undefined || over.value.base === model) return [];
    return [
      {
        code: "check/adapter-of-another-model",
        severity: "error",
        message: `the adapter ${adapter} corrects ${over.value.base}; ${name} runs ${model}`,
        at: spanOf(["deployments", name, "adapter"]),
        cure: `run ${over.value.base}, or leave the adapter out`,
        also: [{ message: "its base", at: over.spanOf(["base"]) }],
      },
    ];
  });
}
