import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** What the whole fleet has retired is defined nowhere: somebody means the one or the other. */
export function retiredAndThere({ fleets, factories }: Drafts): readonly Diagnostic[] {
  return fleets.flatMap(({ value, spanOf }) =>
    (value.retired ?? []).flatMap((name, index): readonly Diagnostic[] => {
      const factory = factories.find(({ value: { deployments } }) =>
        Object.hasOwn(deployments ?? {}, name ?? ""),
      );
      if (name === undefined || factory === undefined) return [];
      return [
        {
          code: "check/retired",
          severity: "error",
          message: `${name} is retired in the whole fleet, and ${factory.value.name ?? "a factory"} deploys it`,
          at: spanOf(["retired", index]),
          cure: `take it out of retired, or out of ${factory.value.name ?? "the factory"}; a single host lets go of it by retired of its own`,
          also: [{ message: "its deployment", at: factory.spanOf(["deployments", name], "key") }],
        },
      ];
    }),
  );
}
