import { type Digest, parseDigest } from "@millwright/schema";
import type { VerifiedPlan } from "../trust/trust.ts";

/** The blobs that plans name, and which plan it is. */
export function neededBy(
  plans: readonly (readonly [VerifiedPlan | undefined, string])[],
): ReadonlyMap<Digest, string> {
  return new Map(
    plans.flatMap(([plan, what]) =>
      Object.keys(plan?.plan.blobs ?? {}).flatMap((text) => {
        const digest = parseDigest(text);
        return digest === undefined ? [] : [[digest, what] as const];
      }),
    ),
  );
}
