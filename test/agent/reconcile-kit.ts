/** A host in memory that reconciles. */
import { onTestFinished } from "vitest";
import { type Conditions, conditionsOf, silentJournal } from "../../agent/life/life.ts";
import {
  type Lease,
  type Outcome,
  type QuarantineFiles,
  quarantineOf,
  type ReconcileOptions,
  type Reconciler,
  reconciler,
  type Serving,
} from "../../agent/reconcile/reconcile.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { type LeapingClock, leapingClock } from "./clock-kit.ts";
import {
  type MemoryBlobs,
  type MemoryRunners,
  memoryBlobs,
  memoryRunners,
} from "./reconcile-memory-kit.ts";

export interface MemoryPlans {
  accepted(): VerifiedPlan | undefined;
  good(): VerifiedPlan | undefined;
  keepGood(plan: VerifiedPlan): Promise<void>;
  staleFor(): number;
  /** Since when nobody vouches for the newest plan. Milliseconds since the Unix epoch. */
  staleSince: number;
}

export interface Host {
  readonly reconciler: Reconciler;
  readonly clock: LeapingClock;
  readonly blobs: MemoryBlobs;
  readonly runners: MemoryRunners;
  readonly conditions: Conditions;
  readonly outcomes: Outcome[];
  readonly plans: MemoryPlans;
  /** Accepts a plan and wakes the reconciler. */
  offer(plan: VerifiedPlan): void;
  /** Until the newest plan runs. */
  settled(): Promise<void>;
  /** Until the newest plan has failed. */
  failed(): Promise<void>;
  /** Stops it, as a signal would. */
  stop(): Promise<void>;
  readonly codes: () => readonly string[];
}

export interface HostSettings
  extends Partial<Pick<ReconcileOptions, "ended" | "leaveRunning" | "room">> {
  readonly models?: readonly string[];
  readonly before?: Host;
  /** Where deaths are written down; absent: nobody counts them. */
  readonly crashes?: QuarantineFiles;
}

/** A host that runs, with nothing on it, or with what the one before left. */
export function hostOf({ models = [], before, crashes, ...settings }: HostSettings = {}): Host {
  const clock = before?.clock ?? leapingClock();
  const blobs = before?.blobs ?? memoryBlobs();
  const runners = before?.runners ?? memoryRunners(models);
  const conditions = conditionsOf(clock);
  const outcomes: Outcome[] = [];
  let accepted = before?.plans.accepted();
  let good = before?.plans.good();
  const plans: MemoryPlans = {
    accepted: () => accepted,
    good: () => good,
    keepGood: async (plan) => {
      good = plan;
    },
    staleSince: before?.plans.staleSince ?? Number.POSITIVE_INFINITY,
    staleFor: () => Math.max(0, clock.now() - plans.staleSince),
  };
  const made = reconciler({
    ...{ plans, blobs, runners, clock, conditions },
    chance: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count) },
    journal: silentJournal,
    changed: () => undefined,
    ended:
      settings.ended ??
      (async (outcome) => {
        outcomes.push(outcome);
      }),
    leaveRunning: settings.leaveRunning ?? (() => true),
    ...(crashes !== undefined && {
      quarantine: quarantineOf({
        ...{ files: crashes, clock, conditions, journal: silentJournal },
      }),
    }),
    ...(settings.room !== undefined && { room: settings.room }),
  });
  const end = new AbortController();
  let broken: unknown;
  const run = made.service(end.signal).catch((error: unknown) => {
    broken = error;
  });
  const stop = async () => {
    end.abort();
    await run;
    if (broken !== undefined) throw broken;
  };
  onTestFinished(async () => {
    end.abort();
    await run;
  });
  const attempted = (result: string) => () => {
    if (broken !== undefined) throw broken;
    const { attempted: tried } = made.status();
    return tried?.result === result && tried.revision === accepted?.revision.predicate.number;
  };
  return {
    ...{ reconciler: made, clock, blobs, runners, conditions, outcomes, plans, stop },
    offer(plan) {
      accepted = plan;
      made.wake();
    },
    settled: () => clock.until(attempted("running")),
    failed: () => clock.until(attempted("failed")),
    codes: () => conditions.list().map(({ code }) => code),
  };
}

export function leaseOf(serving: Serving, name: string): Lease {
  const lease = firstLease(serving, name);
  if (lease === undefined) throw new Error(`nothing of ${name} is ready`);
  return lease;
}

export function isReady(serving: Serving, name: string): boolean {
  const lease = firstLease(serving, name);
  lease?.release();
  return lease !== undefined;
}

/** As the gateway finds it: a route leads to the first of its deployments that is ready. */
function firstLease(serving: Serving, name: string): Lease | undefined {
  for (const deployment of serving.plan()?.plan.routes[name]?.to ?? [name]) {
    const lease = serving.lease(deployment);
    if (!("kind" in lease)) return lease;
  }
  return undefined;
}

/** The model behind a name. */
export function modelOf(serving: Serving, name: string): string {
  const lease = leaseOf(serving, name);
  lease.release();
  return lease.planned.model.name;
}

export function stateOf({ reconciler: { status } }: Host, deployment: string): string | undefined {
  return status().deployments[deployment]?.state;
}
