import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { chainsOf, LONGEST_CHAIN } from "../chain.ts";
import type { Drafts } from "../draft.ts";

/** Fallbacks of fallbacks add up, and each is one more that a caller waits for. */
export function longChains({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap(({ value, spanOf }) =>
    [...(chainsOf(value.routes ?? {}) ?? [])]
      .filter(([, chain]) => chain.length > LONGEST_CHAIN)
      .map(
        ([name]): Diagnostic => ({
          code: "check/invalid-value",
          severity: "error",
          message: `the route ${name} leads to more than ${LONGEST_CHAIN} deployments, one after the other`,
          at: spanOf(["routes", name], "key"),
          cure: "take some of its fallbacks out",
        }),
      ),
  );
}
