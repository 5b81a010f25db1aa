import { type Digest, type PublicKey, parseJson, Revision, readerOf } from "@millwright/schema";
import { type CheckedPlans, checkPlans, type ReadPlan } from "./checked-plans.ts";
import { readObjects } from "./objects.ts";
import { type PublishedRevision, readRevision } from "./published.ts";
import { claimOf, releaseSigners, type TrustedRoot, trustedRootOf } from "./trusted-root.ts";
import { accepted, denied, type Verdict } from "./verdict.ts";

const readStatement = readerOf(Revision);

declare const verified: unique symbol;
/** A revision that passed every check of `verifyBranch`, the only place that can make one. */
export interface VerifiedRevision extends CheckedPlans {
  readonly root: TrustedRoot;
  /** Who signed, of those who are admitted. */
  readonly signers: readonly PublicKey[];
  /** When the signatures end, in milliseconds since the Unix epoch. */
  readonly expires: number;
  readonly [verified]: true;
}

export interface VerifyRequest {
  readonly repository: string;
  /** `refs/heads/releases`, or a commit on it. */
  readonly ref: string;
  /** The fingerprint of the first root; absent: the branch's own is believed. */
  readonly pinned?: Digest;
  /** The highest revision that was seen before. */
  readonly lastAccepted?: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** What was verified before, to spare reading what did not change. */
  readonly previous?: CheckedPlans;
  /** Sees each plan that is read and sound in itself, before the verdict. */
  readonly each?: (read: ReadPlan) => void;
}

/** Verifies a revision as an agent would, and the whole tree of plans besides. Expiry is looked at last. */
export async function verifyBranch(
  request: VerifyRequest,
  signal: AbortSignal,
): Promise<Verdict<VerifiedRevision>> {
  const { repository, ref, pinned, now } = request;
  const reading = await readRevision(repository, ref, signal);
  if (!reading.ok) return reading;
  const published = reading.value;
  const root = trustedRootOf(published, pinned);
  if (!root.ok) return root;
  const claim = claimOf(published);
  if (!claim.ok) return claim;
  const signers = releaseSigners(root.value, claim.value);
  const { threshold } = root.value.trust.roles.targets;
  // Arbitrary install: only the people whom the root admits say what runs, and enough of them.
  if (signers.length < threshold) {
    return denied(
      "release/bad-signature",
      `Revision ${published.number} has ${signers.length} valid signatures of admitted keys; ${threshold} are needed.`,
    );
  }
  const before = await numberBefore(published, signal);
  const floor = Math.max(request.lastAccepted ?? 0, before ?? 0);
  // Rollback: an old revision is still validly signed; only its number gives it away.
  if (published.number < floor) {
    return denied(
      "release/rolled-back",
      `Revision ${published.number} is offered after revision ${floor}.`,
    );
  }
  const plans = await checkPlans(published, request.previous, signal, request.each);
  if (!plans.ok) return plans;
  // Freeze: what was agreed long ago is not what people want today.
  if (root.value.metadata.signed.isExpired(new Date(now))) {
    const { version, expires } = root.value.metadata.signed;
    return denied("release/expired-root", `Root ${version} has expired on ${expires}.`);
  }
  if (claim.value.signed.isExpired(new Date(now))) {
    const { expires } = claim.value.signed;
    return denied("release/expired", `Revision ${published.number} has expired on ${expires}.`);
  }
  const expires = Date.parse(claim.value.signed.expires);
  const passed = { ...plans.value, root: root.value, signers, expires };
  return accepted(passed as VerifiedRevision);
}

/** The number of the revision that the branch held before this one. */
async function numberBefore(
  { repository, commit }: PublishedRevision,
  signal: AbortSignal,
): Promise<number | undefined> {
  for await (const bytes of readObjects(repository, [`${commit}^:revision.json`], signal)) {
    const statement = readStatement(parseJson(bytes?.toString("utf8") ?? ""));
    return statement.ok ? statement.value.predicate.number : undefined;
  }
  return undefined;
}
