import type { Digest, PublicKey } from "@millwright/schema";
import { type CommitSaid, commitsSaid } from "../history/history.ts";
import { RELEASES, type VerifiedRevision, verifyBranch } from "../release/release.ts";

/** A revision as it lies on the branch, with its signatures proved. */
export interface AgreedRevision {
  readonly number: number;
  /** The commit of the definitions; what its author says of it, where the repository has it. */
  readonly commit: string;
  readonly source: CommitSaid | undefined;
  /** Of those whom the root admits. */
  readonly signers: readonly PublicKey[];
  readonly plans: ReadonlyMap<string, { readonly digest: Digest; readonly key: PublicKey }>;
}

export interface AgreedRequest {
  readonly repository: string;
  /** The fingerprint of the first root; absent: the branch's own is believed. */
  readonly pinned?: Digest;
  /** So many revisions, the newest first. */
  readonly most: number;
  readonly progress: (revisions: number) => void;
}

export interface Agreed {
  readonly revisions: readonly AgreedRevision[];
  /** Why the branch cannot be followed further back, where it ends before its beginning. */
  readonly broken?: { readonly code: string; readonly message: string };
}

/** At which nothing has expired: an audit looks at what was agreed, whenever that was. */
const BEFORE_ALL_EXPIRY = 0;

/** The revisions of the branch, newest first, each verified as a hub would have at its time. */
export async function agreedIn(request: AgreedRequest, signal: AbortSignal): Promise<Agreed> {
  const { repository, pinned, most, progress } = request;
  const keys = new Map<Digest, PublicKey>();
  const found: VerifiedRevision[] = [];
  let ref: string = RELEASES;
  let broken: Agreed["broken"];
  while (found.length < most) {
    const previous = found.at(-1);
    const verdict = await verifyBranch(
      {
        ...{ repository, ref, now: BEFORE_ALL_EXPIRY },
        ...(pinned !== undefined && { pinned }),
        ...(previous !== undefined && { previous }),
        each: ({ plan, digest }) => keys.set(digest, plan.key),
      },
      signal,
    );
    if (!verdict.ok) {
      const { reason: code, message } = verdict;
      if (code !== "release/nothing-released") broken = { code, message };
      break;
    }
    found.push(verdict.value);
    progress(found.length);
    ref = `${verdict.value.published.commit}^`;
    if (verdict.value.published.number <= 1) break;
  }
  const commits = found.map(({ published }) => published.revision.predicate.commit);
  const said = await commitsSaid(repository, commits, signal);
  const revisions = found.map(({ published, digests, signers }) => ({
    number: published.number,
    commit: published.revision.predicate.commit,
    source: said.get(published.revision.predicate.commit),
    signers,
    plans: new Map<string, { readonly digest: Digest; readonly key: PublicKey }>(
      [...digests].flatMap(([host, digest]) => {
        const key = keys.get(digest);
        return key === undefined ? [] : [[host, { digest, key }] as const];
      }),
    ),
  }));
  return { revisions, ...(broken !== undefined && { broken }) };
}
