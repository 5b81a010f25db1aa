import type { KeyObject } from "node:crypto";
import { type Digest, digestOf, parseDigest } from "@millwright/schema";
import { Failure } from "../../failure.ts";
import {
  type Denied,
  onlineMetadata,
  type ReadPlan,
  type Verdict,
  type VerifiedRevision,
  verifyBranch,
} from "../../release/release.ts";
import type { Clock } from "../clock.ts";
import type { Service } from "../service.ts";
import type { Store, StoredRevision } from "../store/store.ts";
import type { Mirror } from "./mirror.ts";
import { enrolledBy, intake, type Offer, offeredPlans } from "./offer.ts";

/** A timestamp lives a day and is signed again after a third of it, so that hosts always find one with hours left. */
const RENEW_WITH_LEFT_MS = 16 * 3_600_000;
const SEEK_AGAIN_MS = 30_000;

/** Something that stands in the way, since when. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  /** The commit on `releases` that it is about. */
  readonly commit?: string | undefined;
  readonly since: number;
}

export interface Following {
  /** The last good revision. */
  readonly offer: Offer | undefined;
  /** Why what the branch holds now is not offered. */
  readonly refusal: Trouble | undefined;
  /** Why the branch could not be looked at. */
  readonly unreachable: Trouble | undefined;
}

export interface FollowRequest {
  readonly mirror: Mirror;
  readonly store: Store;
  readonly onlineKey: KeyObject;
  readonly pinned: Digest | undefined;
  readonly pollMs: number;
  readonly clock: Clock;
  /** A revision verified and is recorded: it is what hosts shall have from now on. */
  readonly offered: (offer: Offer, stored: StoredRevision) => Promise<void>;
  /** The timestamp was signed again. */
  readonly renewed: (offer: Offer) => Promise<void>;
  readonly refused: (trouble: Trouble) => Promise<void>;
  readonly unreachable: (trouble: Trouble) => Promise<void>;
}

export interface Follower {
  state(): Following;
  /** Offers what was good before the hub stopped, without asking the network. */
  resume(signal: AbortSignal): Promise<void>;
  readonly run: Service;
}

/**
 *   head moved ──▶ fetched ──▶ verified ──▶ offered
 *                     │            └ denied ──▶ refused: the last good revision stays
 *                     └ failed ──▶ unreachable: tried again at the next look
 */
export function follower(request: FollowRequest): Follower {
  const { mirror, store, clock } = request;
  let state: Following = { offer: undefined, refusal: undefined, unreachable: undefined };
  let seen: string | undefined | null = null;
  let seekAgainAt = 0;

  const verify = async (commit: string, each: (read: ReadPlan) => void, signal: AbortSignal) => {
    const last = await store.revisions.last();
    const pinned = request.pinned ?? parseDigest((await store.fact("root")) ?? "");
    const verdict = await verifyBranch(
      {
        repository: mirror.path,
        ref: commit,
        now: clock.now(),
        each,
        ...(pinned === undefined ? {} : { pinned }),
        ...(last === undefined ? {} : { lastAccepted: last.number }),
        ...(state.offer === undefined ? {} : { previous: state.offer.verified }),
      },
      signal,
    );
    return equivocates(verdict, last) ?? verdict;
  };

  const sign = async ({ published }: VerifiedRevision) => {
    const after = Number((await store.fact("timestamp")) ?? 0);
    const online = onlineMetadata({
      root: published.roots.at(-1) ?? Buffer.alloc(0),
      targetsBytes: published.targets,
      targetsVersion: published.number,
      onlineKey: request.onlineKey,
      now: clock.now(),
      after,
    });
    // Recorded before anybody sees it: after a restart the next one must be higher.
    await store.setFact("timestamp", String(online.timestampVersion));
    return online;
  };

  const offer = async (verified: VerifiedRevision, read: Offer["plans"]) => {
    const plans = offeredPlans(verified, read, state.offer);
    const online = await sign(verified);
    const next: Offer = { verified, online, plans };
    const { published, root, signers, expires, tree } = verified;
    const { commit, fleet } = published.revision.predicate;
    await mirror.hold("released", published.commit);
    await mirror.hold("source", commit);
    const stored: StoredRevision = {
      number: published.number,
      commit,
      releaseCommit: published.commit,
      root: tree.root,
      digest: digestOf(published.revisionBytes),
      fleet,
      hosts: plans.size,
      signers,
      expiresAt: expires,
      verifiedAt: clock.now(),
    };
    await store.setFact("root", root.fingerprint);
    await store.hosts.enrol(enrolledBy(next), clock.now());
    await store.revisions.save(stored);
    state = { ...state, offer: next, refusal: undefined };
    await request.offered(next, stored);
  };

  const refuse = async (code: string, message: string, commit: string | undefined) => {
    const { refusal } = state;
    if (refusal?.code === code && refusal.commit === commit) return;
    const trouble = { code, message, commit, since: clock.now() };
    state = { ...state, refusal: trouble };
    await request.refused(trouble);
  };

  /** Whatever the verdict, this commit has been judged. */
  const judge = async (commit: string, signal: AbortSignal) => {
    const { plans, take } = intake();
    const verdict = await verify(commit, take, signal);
    if (!verdict.ok) {
      await refuse(verdict.reason, verdict.message, commit);
      return;
    }
    try {
      await offer(verdict.value, plans);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "release/wrong-online-key") throw error;
      await refuse(error.code, error.message, commit);
    }
  };

  const look = async (signal: AbortSignal) => {
    const remote = await mirror.remoteHead();
    if (remote === seen) return;
    await mirror.fetch();
    const head = await mirror.head();
    if (head === undefined) {
      const message = "The repository has no branch `releases`. Run `millwright init` in it.";
      await refuse("release/no-branch", message, undefined);
    } else if (head === state.offer?.verified.published.commit) {
      state = { ...state, refusal: undefined };
    } else {
      await judge(head, signal);
    }
    seen = head;
  };

  /** The definitions may be pushed after the release: models in the repository are served from their commit. */
  const seekSource = async () => {
    const commit = state.offer?.verified.published.revision.predicate.commit;
    if (commit === undefined || clock.now() < seekAgainAt) return;
    seekAgainAt = clock.now() + SEEK_AGAIN_MS;
    if (await mirror.has(commit)) return;
    await mirror.fetch();
    await mirror.hold("source", commit);
  };

  const renew = async () => {
    const { offer: current } = state;
    if (current === undefined) return;
    if (current.online.expires - clock.now() > RENEW_WITH_LEFT_MS) return;
    const next = { ...current, online: await sign(current.verified) };
    state = { ...state, offer: next };
    await request.renewed(next);
  };

  /** The world may fail: the repository may be back at the next look. */
  const attempt = async (work: () => Promise<void>, signal: AbortSignal) => {
    try {
      await work();
      state = { ...state, unreachable: undefined };
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      if (state.unreachable?.message === error.message) return;
      const trouble = { code: error.code, message: error.message, since: clock.now() };
      state = { ...state, unreachable: trouble };
      await request.unreachable(trouble);
    }
  };

  return {
    state: () => state,
    resume: (signal) =>
      attempt(async () => {
        const last = await store.revisions.last();
        if (last === undefined || !(await mirror.has(last.releaseCommit))) return;
        await judge(last.releaseCommit, signal);
      }, signal),
    async run(signal) {
      while (!signal.aborted) {
        await attempt(async () => {
          await look(signal);
          await seekSource();
        }, signal);
        if (!signal.aborted) await renew();
        await clock.sleep(request.pollMs, signal);
      }
    },
  };
}

/** Two statements under one number: whoever signed both could show each host another one. */
function equivocates(
  verdict: Verdict<VerifiedRevision>,
  last: StoredRevision | undefined,
): Denied | undefined {
  if (!verdict.ok || last === undefined) return undefined;
  const { number, revisionBytes } = verdict.value.published;
  if (number !== last.number || digestOf(revisionBytes) === last.digest) return undefined;
  const message = `Another revision ${number} was seen before, of commit ${last.commit}.`;
  return { ok: false, reason: "release/rolled-back", message, hosts: [] };
}
