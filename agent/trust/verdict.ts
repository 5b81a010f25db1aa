import type { PinnedMemory } from "./memory.ts";
import type { VerifiedPlan } from "./verified-plan.ts";

/** Why a delivery was refused. Permanent: the hub, `status` and alarms name them. */
const refusals = {
  "trust/no-root": "This host has no root of trust. Pin one with millwright-agent init.",
  "trust/damaged": "What this host remembers of earlier revisions cannot be read.",
  "trust/incomplete": "A file that the proof needs was not delivered.",
  "trust/too-large": "A file is larger than any honest one, or there are too many of them.",
  "trust/malformed": "A file is not of the form that its name promises.",
  "trust/bad-signature": "Too few of the keys that the root admits have signed.",
  "trust/one-key-twice": "A root admits one key under two names, so that one person counts as two.",
  "trust/weak-key": "A root admits a key that others than its owner could sign with.",
  "trust/rolled-back": "It is older than what this host has accepted before.",
  "trust/frozen":
    "Its time is over by this host's clock: it may be authentic, but it is not what people want now. If the clock is wrong, set it.",
  "trust/mix-and-match": "Its files are authentic, but do not belong together.",
  "trust/wrong-length": "A file has another length than its signed description says.",
  "trust/equivocation": "Another revision has the number of the one that this host has accepted.",
  "trust/changed-plan": "The plan is not written as the compiler writes plans.",
  "trust/not-in-tree": "The plan is not part of the revision that people signed.",
  "trust/leaks":
    "The plan does not carry a sound proof that its data stays where it may. Compile and release it again.",
  "trust/other-host": "The plan was made for another host.",
  "trust/other-key": "The plan was made for a host of this name that has another key.",
} as const;
export type RefusalCode = keyof typeof refusals;

const MAX_FACT = 500;

export interface Refused {
  readonly ok: false;
  readonly reason: RefusalCode;
  /** A fact, then what it means. Carries no bytes of what was refused. */
  readonly message: string;
}

interface Accepted {
  readonly ok: true;
  readonly verified: VerifiedPlan;
  /** What to remember from now on; `openTrust` writes it. */
  readonly memory: PinnedMemory;
  /** Until when nobody need say again that this is the newest, in milliseconds since the Unix epoch. */
  readonly freshUntil: number;
}

export type Verdict = Accepted | Refused;

/** A fact may quote what was refused: no longer than a line, and nothing that moves a terminal's cursor. */
export function refused(reason: RefusalCode, fact: string): Refused {
  const line = fact.replaceAll(/\p{C}/gu, "�");
  const short = line.length > MAX_FACT ? `${line.slice(0, MAX_FACT)}…` : line;
  return { ok: false, reason, message: `${short} ${refusals[reason]}` };
}
