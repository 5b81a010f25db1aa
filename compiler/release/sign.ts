import type { Digest, HostName } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { type CheckedPlans, checkPlans } from "./checked-plans.ts";
import { hostChanges } from "./host-changes.ts";
import { land, type Released } from "./land.ts";
import { addSignatureOf } from "./metadata.ts";
import { commitOf } from "./objects.ts";
import { readPlans, readRevision } from "./published.ts";
import { PENDING } from "./repository.ts";
import {
  noReleaseKey,
  type SignerSource,
  type Standing,
  signerOf,
  standingOf,
} from "./standing.ts";
import { claimOf, releaseSigners } from "./trusted-root.ts";
import { demand } from "./verdict.ts";

export interface SignRequest {
  readonly repository: string;
  readonly signer: SignerSource;
  readonly pinned?: Digest;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Reads the release that waits for signatures and proves that its statement is about its plans. */
export async function readPending(
  { repository, pinned, now }: Omit<SignRequest, "signer">,
  signal: AbortSignal,
): Promise<CheckedPlans> {
  const standing = await standingOf(repository, pinned, now, signal);
  return (await pendingOf(repository, standing, now, signal)).plans;
}

/** Adds one person's signature to the pending release, and publishes it when that was the last one missing. */
export async function sign(request: SignRequest, signal: AbortSignal): Promise<Released> {
  const { repository, pinned, now } = request;
  const standing = await standingOf(repository, pinned, now, signal);
  const { plans, targets } = await pendingOf(repository, standing, now, signal);
  const { root, heads, newest } = standing;
  const signer = await signerOf(repository, request.signer, "release", root, signal);
  if (signer === undefined) throw noReleaseKey(request.signer);
  const signed = releaseSigners(root, targets);
  const missing = root.trust.roles.targets.threshold - signed.length;
  if (missing > 0 && signed.includes(signer.publicKey)) {
    throw new Failure(
      "release/already-signed",
      `You have signed this release already; ${missing === 1 ? "one signature of somebody else is" : `${missing} signatures of others are`} missing. Others run \`millwright sign\`.`,
    );
  }
  await addSignatureOf(targets, signer);
  const { published } = plans;
  const hosts = hostChanges(newest?.plans ?? new Map<HostName, string>(), published.plans);
  const changed = new Map<HostName, Uint8Array>();
  for await (const [host, bytes] of readPlans(
    published,
    [...hosts.added, ...hosts.changed],
    signal,
  )) {
    changed.set(host, bytes);
  }
  const { revision } = published;
  return land({ repository, heads, root, revision, targets, hosts, plans: changed }, now, signal);
}

async function pendingOf(
  repository: string,
  { heads, published, newest, root }: Standing,
  now: number,
  signal: AbortSignal,
) {
  if (heads.pending === undefined) {
    throw new Failure(
      "release/nothing-pending",
      `No release waits for signatures on ${PENDING}. Fetch it (git fetch origin ${PENDING}:${PENDING}), or release.`,
    );
  }
  const what = "The pending release cannot be signed";
  const pending = demand(await readRevision(repository, heads.pending, signal), what);
  const parent = await commitOf(repository, `${heads.pending}^`, signal);
  if (parent !== heads.releases || pending.number !== (newest?.number ?? 0) + 1) {
    throw new Failure(
      "release/pending-outdated",
      `The pending revision ${pending.number} does not follow the newest, ${newest?.number ?? 0}. Release again.`,
    );
  }
  // A pending release must not bring a root of its own.
  const sameRoots =
    pending.roots.length === published.roots.length &&
    pending.roots.every((bytes, index) => published.roots[index]?.equals(bytes));
  if (!sameRoots) {
    throw new Failure(
      "release/untrusted-root",
      `The pending revision ${pending.number} brings another root of trust than root ${root.trust.version} on the branch. Do not sign it.`,
    );
  }
  const targets = demand(claimOf(pending), what);
  if (targets.signed.isExpired(new Date(now))) {
    throw new Failure(
      "release/expired",
      `The pending revision ${pending.number} has expired on ${targets.signed.expires}. Release again with --replace.`,
    );
  }
  const plans = demand(await checkPlans(pending, undefined, signal), what);
  return { plans, targets };
}
