import {
  type Digest,
  deliveryLimits,
  type HostName,
  HostPlan,
  parseJson,
  readerOf,
  unacknowledged,
} from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import { Failure } from "../failure.ts";
import { hostChanges } from "./host-changes.ts";
import { type Draft, land, type Released } from "./land.ts";
import { addSignatureOf } from "./metadata.ts";
import { blobIdOf, commitOf } from "./objects.ts";
import { type PublishedRevision, readPlans, readRevision } from "./published.ts";
import { PENDING } from "./repository.ts";
import {
  noReleaseKey,
  type SignerSource,
  type Standing,
  signerOf,
  standingOf,
} from "./standing.ts";
import { type ReleasedSource, revisionBytes, revisionOf, rootOfRevision } from "./statement.ts";
import { makeTargets, RENEWAL } from "./targets.ts";
import { claimOf } from "./trusted-root.ts";

const readHostPlan = readerOf(HostPlan);

export interface ReleaseRequest {
  readonly repository: string;
  /** The commit that was compiled. */
  readonly source: ReleasedSource;
  readonly compiled: Compiled;
  /** Absent: the release is made without a signature, for people to sign. */
  readonly signer?: SignerSource;
  readonly pinned?: Digest;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Gives up another release that waits for signatures. */
  readonly replace?: boolean;
}

/** There was nothing to release: the newest revision is of this commit, and its signatures hold for long. */
export interface Unchanged {
  readonly kind: "unchanged";
  readonly number: number;
  readonly root: string;
  readonly commit: string;
}

/** Makes a revision of a compilation: published when the local key suffices, otherwise pending. */
export async function release(
  request: ReleaseRequest,
  signal: AbortSignal,
): Promise<Released | Unchanged> {
  const { repository, source, compiled, now } = request;
  const standing = await standingOf(repository, request.pinned, now, signal);
  const { heads, root, newest, expires, sound } = standing;
  const lasting = expires !== undefined && expires - now > RENEWAL;
  if (newest !== undefined && sound && lasting && isOf(newest, request)) {
    const { number, commit } = newest;
    return { kind: "unchanged", number, root: rootOfRevision(newest.revision), commit };
  }
  demandDeliverable(compiled);
  const signer =
    request.signer && (await signerOf(repository, request.signer, "release", root, signal));
  if (request.signer !== undefined && signer === undefined) throw noReleaseKey(request.signer);
  const waiting = await waitingOf(request, standing, signal);
  const number = (newest?.number ?? 0) + 1;
  const revision = waiting?.revision ?? revisionOf(compiled, source, number);
  const targets =
    waiting === undefined ? makeTargets(revisionBytes(revision), number, [], now) : waiting.targets;
  if (signer !== undefined) await addSignatureOf(targets, signer);
  const ids = new Map(
    [...compiled.plans].map(([host, { bytes }]) => [host, blobIdOf(heads.format, bytes)] as const),
  );
  const hosts = hostChanges(newest?.plans ?? new Map<HostName, string>(), ids);
  if (newest !== undefined) await demandAcknowledged(compiled, newest, hosts.changed, signal);
  const plans = new Map(
    [...hosts.added, ...hosts.changed].flatMap((host) => {
      const plan = compiled.plans.get(host);
      return plan === undefined ? [] : [[host, plan.bytes] as const];
    }),
  );
  const draft: Draft = { repository, heads, root, revision, targets, hosts, plans };
  return land(draft, now, signal);
}

/** The same release, begun before and waiting for signatures: it goes on instead of beginning anew. */
async function waitingOf(
  request: ReleaseRequest,
  { heads }: Standing,
  signal: AbortSignal,
): Promise<Pick<Draft, "revision" | "targets"> | undefined> {
  const { repository, replace = false } = request;
  if (heads.pending === undefined || replace) return undefined;
  const parent = await commitOf(repository, `${heads.pending}^`, signal);
  // Something else was released since: what waited can no longer be finished.
  if (parent !== heads.releases) return undefined;
  const reading = await readRevision(repository, heads.pending, signal);
  const claim = reading.ok ? claimOf(reading.value) : reading;
  if (
    reading.ok &&
    claim.ok &&
    isOf(reading.value, request) &&
    !claim.value.signed.isExpired(new Date(request.now))
  ) {
    return { revision: reading.value.revision, targets: claim.value };
  }
  throw new Failure(
    "release/another-pending",
    `Another release waits for signatures on ${PENDING}. Sign it first, or give it up by releasing with --replace.`,
  );
}

function isOf({ revision }: PublishedRevision, { source, compiled }: ReleaseRequest): boolean {
  return (
    revision.predicate.commit === source.at.commit &&
    rootOfRevision(revision) === compiled.tree.root
  );
}

/** What agents would refuse for its size is refused before anybody signs it. */
function demandDeliverable({ plans }: Compiled): void {
  for (const [host, { bytes }] of plans) {
    if (bytes.length <= deliveryLimits.plan) continue;
    throw new Failure(
      "release/plan-too-large",
      `The plan of ${host} has ${bytes.length} bytes; agents accept ${deliveryLimits.plan}. Spread its deployments over more hosts.`,
    );
  }
}

/** What hosts would not take is refused before anybody signs it. */
async function demandAcknowledged(
  { plans }: Compiled,
  newest: PublishedRevision,
  changed: readonly HostName[],
  signal: AbortSignal,
): Promise<void> {
  for await (const [host, bytes] of readPlans(newest, changed, signal)) {
    // Most plans protect nothing, and need not be read.
    if (!bytes.includes('"protect"')) continue;
    const before = readHostPlan(parseJson(bytes.toString("utf8")));
    const after = plans.get(host);
    if (!before.ok || after === undefined) continue;
    const lost = unacknowledged(before.value, after.plan);
    if (lost.length === 0) continue;
    throw new Failure(
      "release/protected",
      `${host} would lose ${lost.join(", ")}, which is protected, and would not take its plan. If that is meant, name it under retired, of the fleet or of ${host}.`,
    );
  }
}
