import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** An adapter corrects the weights of one model: a deployment may put it over no other. */
export function adaptersOfOtherModels({ factories, adapters }: Drafts): readonly Diagnostic[] {
  const known = new Map(adapters.toReversed().map((adapter) => [adapter.name, adapter]));
  return factories.flatMap(({ value, spanOf }) =>
    Object.entries(value.deployments ?? {}).flatMap(([name, deployment]): Diagnostic[] => {
      const { model, adapter } = deployment ?? {};
      const over = adapter === undefined ? undefined : known.get(adapter);
      const base = over?.value.base;
      if (over === undefined || base === undefined || model === undefined || base === model)
        return [];
      return [
        {
          code: "check/adapter-of-another-model",
          severity: "error",
          message: `the adapter ${adapter} corrects ${base}; ${name} runs ${model}`,
          at: spanOf(["deployments", name, "adapter"]),
          cure: `run ${base}, or leave the adapter out`,
          also: [
            { message: "the model that it runs", at: spanOf(["deployments", name, "model"]) },
            { message: "the adapter's base", at: over.spanOf(["base"]) },
          ],
        },
      ];
    }),
  );
}
