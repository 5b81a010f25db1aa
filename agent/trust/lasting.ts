import { type Delivery, delivered, parseJson, Revision, readerOf } from "@millwright/schema";
import { provePlan, type Self } from "./host-plan.ts";
import type { Memory } from "./memory.ts";
import { BEFORE_ALL_EXPIRY } from "./run-time.ts";
import { refused, type Verdict } from "./verdict.ts";
import type { VerifiedPlan } from "./verified-plan.ts";
import { verify } from "./verify.ts";

const readRevision = readerOf(Revision);

/**
 * The accepted delivery, proved again from the disk, signatures and all, whatever the date is:
 * expiry gates what is new and never what runs.
 */
export function lastAccepted(memory: Memory, self: Self): Verdict {
  if (memory.kind === "pinned" && memory.accepted === undefined)
    return refused("trust/incomplete", "Nothing has been accepted yet.");
  const files: Delivery = memory.kind === "pinned" ? (memory.accepted ?? new Map()) : new Map();
  const alone: Memory = memory.kind === "pinned" ? { kind: "pinned", root: memory.root } : memory;
  return verify(files, alone, self, BEFORE_ALL_EXPIRY);
}

/**
 * The plan to go back to. Its signatures were checked when it was accepted and are not checked again: the keys that
 * made them may have been exchanged since. That it is the plan of its revision, and ours, is.
 */
export function lastGood(memory: Memory, self: Self): VerifiedPlan | undefined {
  const good = memory.kind === "pinned" ? memory.good : undefined;
  const bytes = good?.get(delivered.revision);
  if (good === undefined || bytes === undefined) return undefined;
  const revision = readRevision(parseJson(Buffer.from(bytes).toString("utf8")));
  const proof = revision.ok ? provePlan(good, revision.value, self) : undefined;
  return proof?.ok ? proof.verified : undefined;
}
