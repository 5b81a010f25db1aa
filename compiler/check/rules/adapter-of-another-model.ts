import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** An adapter corrects the weights of one model: a deployment may put it over no other. */
export function adaptersOfOtherModels({ factories, adapters }: Drafts): readonly Diagnostic[] {
  const known = new Map(adapters.toReversed().map((adapter) => [adapter.name, adapter]));
  return factories.flatMap(({ value, spanOf }) =>
    Object.entries(value.deployments ?? {}).flatMap(([name, deployment]) => {
      const { model, adapter, adapters: more = [] } = deployment ?? {};
      const named = [
        [adapter, ["adapter"]] as const,
        ...more.map((each, index) => [each, ["adapters", index]] as const),
      ];
      return named.flatMap(([each, path]): Diagnostic[] => {
        const over = each === undefined ? undefined : known.get(each);
        const base = over?.value.base;
        if (over === undefined || base === undefined || model === undefined || base === model)
          return [];
        return [
          {
            code: "check/adapter-of-another-model",
            severity: "error",
            message: `the adapter ${each} corrects ${base}; ${name} runs ${model}`,
            at: spanOf(["deployments", name, ...path]),
            cure: `run ${base}, or leave the adapter out`,
            also: [
              { message: "the model that it runs", at: spanOf(["deployments", name, "model"]) },
              { message: "the adapter's base", at: over.spanOf(["base"]) },
            ],
          },
        ];
      });
    }),
  );
}
