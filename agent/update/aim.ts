import type { Digest, PlannedAgent } from "@millwright/schema";
import type { Launched } from "./launched.ts";
import { isNewer } from "./newer.ts";
import type { Failed, Pointer, SlotName } from "./pointer.ts";

/** What is to be done about the agent's own version. */
export type Aim =
  /** It is as the plan wants it. */
  | { readonly kind: "content" }
  /** Nobody would start it again. */
  | { readonly kind: "by-hand" }
  /** The package is newer than what the plan names. */
  | { readonly kind: "package-newer"; readonly packaged: string }
  /** The plan has none for this processor. */
  | { readonly kind: "no-archive" }
  | { readonly kind: "failed"; readonly failed: Failed }
  /** The package's own is the one. */
  | { readonly kind: "package" }
  | { readonly kind: "slot"; readonly slot: SlotName; readonly digest: Digest };

export interface Situation {
  readonly wanted: PlannedAgent | undefined;
  readonly version: string;
  /** As Node names it. */
  readonly processor: string;
  readonly launched: Launched | undefined;
  readonly pointer: Pointer;
}

export function aimOf({ wanted, version, processor, launched, pointer }: Situation): Aim {
  if (wanted === undefined || wanted.version === version) return { kind: "content" };
  if (launched === undefined) return { kind: "by-hand" };
  const { packaged, slot } = launched;
  if (wanted.version === packaged) return { kind: "package" };
  if (isNewer(packaged, wanted.version)) return { kind: "package-newer", packaged };
  const digest =
    processor === "x64" || processor === "arm64" ? wanted.packages[processor] : undefined;
  if (digest === undefined) return { kind: "no-archive" };
  const { failed } = pointer;
  if (failed?.version === wanted.version && failed.digest === digest)
    return { kind: "failed", failed };
  // Never the slot that runs, nor, while it runs from the package, the one to go back to.
  return { kind: "slot", slot: slot === "a" ? "b" : "a", digest };
}
