import { type HostPlan, parseDigest } from "@millwright/schema";
import type { BlobChange } from "./comparison.ts";

/** Bytes that the first plan names and the second does not. */
export function blobsOnlyIn(
  plan: HostPlan | undefined,
  other: HostPlan | undefined,
): readonly BlobChange[] {
  return Object.entries(plan?.blobs ?? {}).flatMap(([key, { name, size }]) => {
    const digest = parseDigest(key);
    const isShared = other !== undefined && Object.hasOwn(other.blobs, key);
    return digest === undefined || isShared ? [] : [{ digest, name, size }];
  });
}
