import { type Diagnostic, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** What shares no host with a deployment is another one, of any factory. */
export function antiAffinity({ factories, whole }: Drafts): readonly Diagnostic[] {
  const keys = factories.map(({ keysAt }) => keysAt(["deployments"]));
  // Where some deployments cannot be read, nobody can tell whether a name is one of them.
  const isKnown = whole && keys.every((each) => each !== undefined);
  const names = new Set(keys.flatMap((each) => each ?? []));
  const suggestions = suggestionsFrom(names);
  return factories.flatMap(({ value, spanOf }) =>
    Object.entries(value.deployments ?? {}).flatMap(([name, deployment]) =>
      (deployment?.antiAffinity ?? []).flatMap((other, index): readonly Diagnostic[] => {
        const at = spanOf(["deployments", name, "antiAffinity", index]);
        if (other === undefined) return [];
        if (other === name)
          return [
            {
              ...{ code: "check/invalid-value", severity: "error", at },
              message: `${name} cannot be kept apart from itself`,
              cure: 'write spread: "host", which keeps its replicas on hosts of their own',
            },
          ];
        if (!isKnown || names.has(other)) return [];
        return [
          {
            ...{ code: "check/unknown-name", severity: "error", at },
            message: `there is no deployment ${other}`,
            cure: suggestions.didYouMean(other),
          },
        ];
      }),
    ),
  );
}
