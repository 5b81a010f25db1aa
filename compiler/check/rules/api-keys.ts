import { type Diagnostic, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";

type Factory = Draft<"factory">;

/** A key of a caller opens what its factory has, and is one caller's alone. */
export function apiKeys({ factories }: Drafts): readonly Diagnostic[] {
  return [...factories.flatMap(toNothing), ...shared(factories)];
}

function toNothing({ value, name, keysAt, spanOf }: Factory): readonly Diagnostic[] {
  const [deployments, routes] = [keysAt(["deployments"]), keysAt(["routes"])];
  if (deployments === undefined || routes === undefined) return [];
  const there = new Set([...deployments, ...routes]);
  const near = suggestionsFrom([...there]);
  return Object.entries(value.apiKeys ?? {}).flatMap(([key, { models = [] } = {}]) =>
    models.flatMap((model, index): readonly Diagnostic[] => {
      if (model === undefined || there.has(model)) return [];
      return [
        {
          code: "check/api-key-to-nothing",
          severity: "error",
          message: `${name === undefined ? "the factory" : `the factory ${name}`} has no deployment or route ${model}, which the key of ${key} is to open`,
          at: spanOf(["apiKeys", key, "models", index]),
          cure: near.didYouMean(model),
        },
      ];
    }),
  );
}

function shared(factories: readonly Factory[]): readonly Diagnostic[] {
  const owners = new Map<string, { readonly key: string; readonly factory: Factory }>();
  return factories.flatMap((factory) =>
    Object.entries(factory.value.apiKeys ?? {}).flatMap(([key, written]): readonly Diagnostic[] => {
      const digest = written?.digest;
      const first = digest === undefined ? undefined : owners.get(digest);
      if (digest !== undefined && first === undefined) owners.set(digest, { key, factory });
      if (first === undefined) return [];
      return [
        {
          code: "check/duplicate-api-key",
          severity: "error",
          message: `${key} has the key of ${first.key}`,
          at: factory.spanOf(["apiKeys", key], "key"),
          cure: "make one for each caller with millwright key",
          also: [
            {
              message: `the key of ${first.key}`,
              at: first.factory.spanOf(["apiKeys", first.key], "key"),
            },
          ],
        },
      ];
    }),
  );
}
