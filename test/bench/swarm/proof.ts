/**
 * What ten thousand hosts do on as many machines, on one core: the agent's own verification, where bytes that one
 * host has proved need not be proved again for the next.
 *
 * Metadata that is the same to the byte, held against the same memory, is proved once for all; the plan, its inclusion
 * in the tree, its host and its key for every host.
 */
import { type Delivery, delivered } from "@millwright/schema";
import { provePlan, type Self } from "../../../agent/trust/host-plan.ts";
import type { PinnedMemory } from "../../../agent/trust/memory.ts";
import type { VerifiedPlan } from "../../../agent/trust/trust.ts";
import { verify } from "../../../agent/trust/verify.ts";

export type Proof =
  | { readonly ok: true; readonly verified: VerifiedPlan; readonly memory: PinnedMemory }
  | { readonly ok: false; readonly reason: string };

export type Prove = (delivery: Delivery, memory: PinnedMemory, self: Self, now: number) => Proof;

interface Proved {
  readonly before: PinnedMemory;
  readonly common: Delivery;
  readonly after: PinnedMemory;
  readonly freshUntil: number;
  readonly revision: VerifiedPlan["revision"];
}

const own: ReadonlySet<string> = new Set([delivered.plan, delivered.inclusion]);
const REMEMBERED = 8;

export function prover(): Prove {
  const known: Proved[] = [];
  return (delivery, memory, self, now) => {
    const same = known.find((one) => one.before === memory && isSame(one.common, delivery));
    if (same !== undefined && now < same.freshUntil) {
      const proof = provePlan(delivery, same.revision, self);
      return proof.ok ? { ...proof, memory: same.after } : proof;
    }
    const verdict = verify(delivery, memory, self, { clock: now, floor: 0 });
    if (!verdict.ok) return verdict;
    const { freshUntil, verified } = verdict;
    const common = new Map([...delivery].filter(([name]) => !own.has(name)));
    // One object for all hosts that know the same, so that who knows what is compared at once.
    const equal = known.find(({ after }) => isEqual(after, verdict.memory));
    const after = equal?.after ?? verdict.memory;
    known.unshift({ before: memory, common, after, freshUntil, revision: verified.revision });
    known.splice(REMEMBERED);
    return { ok: true, verified, memory: after };
  };
}

function isSame(common: Delivery, delivery: Delivery): boolean {
  if (delivery.size !== common.size + own.size) return false;
  return [...common].every(([name, bytes]) => {
    const other = delivery.get(name);
    return other !== undefined && Buffer.compare(bytes, other) === 0;
  });
}

function isEqual(one: PinnedMemory, other: PinnedMemory): boolean {
  const common = (accepted: Delivery | undefined) =>
    new Map([...(accepted ?? [])].filter(([name]) => !own.has(name)));
  return (
    Buffer.compare(one.root, other.root) === 0 &&
    other.accepted !== undefined &&
    isSame(common(one.accepted), other.accepted)
  );
}
