import type { HostName } from "@millwright/schema";
import { Failure } from "../failure.ts";

/** Every reason why a revision is not trusted, with what it means. A reason is permanent. */
export const reasons = {
  "release/no-branch": "There is no such branch. Fetch `releases`, or run `millwright init`.",
  "release/nothing-released": "The branch holds the root of trust and no revision yet.",
  "release/malformed": "A file on the branch is missing, too large, or not what it should be.",
  "release/untrusted-root": "The branch begins with another root of trust than the pinned one.",
  "release/broken-root-chain": "A new root is not signed by the old one and by itself.",
  "release/bad-signature": "Too few of the admitted release keys have signed the revision.",
  "release/changed-revision": "revision.json is not the file that was signed.",
  "release/other-number": "The revision and the metadata that names it count differently.",
  "release/rolled-back": "A higher revision came before: an old one is offered again.",
  "release/changed-plan": "The plans on the branch are not the plans that were signed.",
  "release/bad-plan": "A signed plan is no valid plan.",
  "release/not-canonical": "A plan or the revision is not written in the one canonical form.",
  "release/other-host": "A signed plan stands under the name of another host.",
  "release/expired-root": "The root of trust has expired. Its holders must sign a new one.",
  "release/expired": "The signatures have expired. Release again to renew them.",
  "release/does-not-compile": "The commit that the revision names does not compile.",
  "release/wrong-root": "The commit that the revision names compiles to other plans.",
  "release/false-statement": "The revision says something of its commit that is not so.",
} as const;

export type Reason = keyof typeof reasons;

export interface Denied {
  readonly ok: false;
  readonly reason: Reason;
  /** A fact with names and numbers. */
  readonly message: string;
  /** The hosts whose plans are concerned, where that is known. */
  readonly hosts: readonly HostName[];
}

/** What a check of trust says: the value that passed, or why there is none. A refusal is no error. */
export type Verdict<T> = { readonly ok: true; readonly value: T } | Denied;

export function accepted<T>(value: T): Verdict<T> {
  return { ok: true, value };
}

export function denied(reason: Reason, message: string, hosts: readonly HostName[] = []): Denied {
  return { ok: false, reason, message, hosts };
}

/** For commands that cannot go on without the value. `what` says what was to be done. */
export function demand<T>(verdict: Verdict<T>, what: string): T {
  if (verdict.ok) return verdict.value;
  throw new Failure(verdict.reason, `${what}: ${verdict.message} ${reasons[verdict.reason]}`);
}
