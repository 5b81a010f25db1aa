import type { Digest } from "@millwright/schema";
import type { Chance, Clock, Conditions, Journal, Service } from "../life/life.ts";
import { originOf, type RunnerHandle, type RunnerSpec } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { blobsOf, numberOf, type PlanFailure, type Plans } from "./course.ts";
import { decide, isSettled, type Observed, type Step } from "./decide.ts";
import { type EngineNumbers, engineNumbers } from "./engine-numbers.ts";
import { handlingOf } from "./hands.ts";
import { loadedModels, noInstances, observedInstances } from "./instances.ts";
import { type Outcome, progressOf } from "./progress.ts";
import type { Quarantine } from "./quarantine.ts";
import { inTurn } from "./recycle.ts";
import { retriesOf } from "./retries.ts";
import type { Room } from "./room.ts";
import type { Serving } from "./serving.ts";
import { stalenessOf } from "./staleness.ts";
import { type ReconcileStatus, statusOf } from "./status.ts";
import { tableOf } from "./table.ts";
import { takingOf } from "./taking.ts";
import { needsOf, type Wanted, wantedOf } from "./wanted.ts";
import { workOf } from "./work.ts";

/** What reconcile needs of the store. */
export interface Blobs {
  has(digest: Digest): Promise<boolean>;
  path(digest: Digest): string;
  fetch(
    digest: Digest,
    blob: { readonly name: string; readonly size: number; readonly sources: readonly string[] },
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  collect(keep: ReadonlySet<Digest>): Promise<number>;
}

/** What reconcile needs of the runners. */
export interface Instancing {
  adopt(
    signal: AbortSignal,
    isWanted: (specification: Digest) => boolean,
  ): Promise<readonly RunnerHandle[]>;
  start(
    spec: RunnerSpec,
    signal: AbortSignal,
    progress: (percent: number) => void,
  ): Promise<RunnerHandle>;
}

export interface ReconcileOptions {
  readonly plans: Plans;
  readonly blobs: Blobs;
  readonly runners: Instancing;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** Who kills its process again and again is left out; absent: everything is tried for ever. */
  readonly quarantine?: Quarantine;
  /** What is free on this host now; absent: the plan is believed. */
  readonly room?: () => Promise<Room>;
  /** The status may have changed. */
  readonly changed: () => void;
  /** A plan runs, or has failed: each once a revision. What throws of the world's failures is called again. */
  readonly ended: (outcome: Outcome) => Promise<void>;
  /** Whether models go on running when the agent stops, for the next agent to take over. */
  readonly leaveRunning: () => boolean;
}

export interface Reconciler {
  readonly service: Service;
  readonly serving: Serving;
  status(): ReconcileStatus;
  /** How the engines work now, as they say. */
  engines(signal: AbortSignal): Promise<readonly EngineNumbers[]>;
  /** The plan that the host is to be now: the newest that was accepted, unless something makes it wait. */
  taken(): VerifiedPlan | undefined;
  /** Looks again at once: a plan was accepted. */
  wake(): void;
}

/** Looks at least this often. */
const TICK_MS = 5_000;
/** What is said of an attempt; it ends with the attempt. */
const passing: readonly string[] = ["reconcile/restarting", "reconcile/fetch-failed"];

export function reconciler(options: ReconcileOptions): Reconciler {
  const { blobs, runners, clock, conditions, changed } = options;
  const instances = noInstances();
  const retries = retriesOf(options.chance);
  const fetched = new Map<Digest, number>();
  const pressed = new Set<Digest>();
  let alarm = new AbortController();
  const wake = () => alarm.abort();
  const notice = () => {
    changed();
    wake();
  };
  const taking = takingOf({
    ...options,
    running: () => progress.running ?? options.plans.good(),
  });
  /** What everything here is about: a plan that waits is not there yet. */
  const plans: Plans = {
    accepted: taking.taken,
    good: () => options.plans.good(),
    keepGood: (plan) => options.plans.keepGood(plan),
    staleFor: () => options.plans.staleFor(),
  };
  const progress = progressOf({
    ...options,
    plans,
    models: () => loadedModels(instances),
    tidy: () => blobs.collect(blobsOf([options.plans.accepted(), taking.taken(), plans.good()])),
  });
  taking.look();
  const staleness = stalenessOf({ ...options, plans });
  const wantedBy = (plan: VerifiedPlan, turning?: number) =>
    inTurn(wantedOf(plan.plan, blobs.path), observedInstances(instances, clock.now()), turning);
  const { hands, take, stop } = handlingOf({
    ...options,
    ...{ plans, instances, progress, retries, fetched, pressed, wantedBy, changed: notice },
  });
  let seen = 0;
  /** When what failed may be tried again; never, for what is held. */
  let barred: ReadonlyMap<Digest, number> = retries.at;
  /** Why nothing may run now, of which plan. */
  let tooOld: PlanFailure | undefined;

  /** Looks once, and sets going what is to be done. Gives how long nothing more will be due. */
  const look = async (work: ReturnType<typeof workOf>): Promise<number> => {
    taking.look();
    const newest = plans.accepted();
    if (newest !== undefined && numberOf(newest) !== seen) {
      seen = numberOf(newest);
      retries.forgive();
      pressed.clear();
    }
    const course = progress.course();
    if (course === undefined) return TICK_MS;
    const { target, former } = course;
    if (progress.front === undefined) progress.present(target);
    tooOld = staleness.look(target);
    // What a plan is put in place of another for comes first.
    const turning = former === undefined ? clock.now() : undefined;
    const wanted = tooOld === undefined ? wantedBy(target, turning) : [];
    const kept = former === undefined || tooOld !== undefined ? undefined : wantedBy(former);
    const held = await options.quarantine?.look(target, [...wanted, ...(kept ?? [])]);
    barred = new Map([
      ...retries.at,
      ...[...wanted, ...(kept ?? [])].flatMap(({ digest, origin }) =>
        held?.has(origin) ? [[digest, Number.POSITIVE_INFINITY] as const] : [],
      ),
    ]);
    const observed = await observe(wanted, kept);
    const now = clock.now();
    const needed = new Set(wanted.flatMap(needsOf));
    work.abandon((step) => step.kind === "fetch" && !needed.has(step.blob));
    for (const step of decide(wanted, observed, now)) work.begin(step, target);
    if (tooOld === undefined && work.isIdle() && isSettled(wanted, observed)) {
      for (const instance of instances.loaded.values()) instance.plan = target;
      progress.settle(target);
      for (const { code, subject } of conditions.list())
        if (passing.includes(code)) conditions.clear(code, subject);
    }
    await progress.record();
    return Math.min(TICK_MS, ...[...retries.at.values()].map((at) => at - now).filter(isAhead));
  };

  const observe = async (
    wanted: readonly Wanted[],
    former: readonly Wanted[] | undefined,
  ): Promise<Observed> => {
    const needed = [...new Set([...wanted, ...(former ?? [])].flatMap(needsOf))];
    const here = await Promise.all(needed.map((digest) => blobs.has(digest)));
    const room = await options.room?.();
    return {
      blobs: new Set(needed.filter((_, index) => here[index])),
      instances: observedInstances(instances, clock.now()),
      retryAt: barred,
      pressed,
      ...(room !== undefined && { room }),
      ...(former !== undefined && { former }),
    };
  };

  /** What a former agent left goes on as it was when it passed its gates then; anything else must pass them now. */
  const adopt = async (signal: AbortSignal) => {
    const [good, newest] = [plans.good(), plans.accepted()];
    const known = new Map(
      good === undefined ? [] : wantedOf(good.plan, blobs.path).map((item) => [item.origin, item]),
    );
    const wanted = new Set(
      [newest, good]
        .flatMap((plan) => (plan === undefined ? [] : wantedOf(plan.plan, blobs.path)))
        .map(({ digest }) => digest),
    );
    const found = await runners.adopt(signal, (digest) => wanted.has(digest));
    const age = ({ spec: { generation = 0 } }: RunnerHandle) => generation;
    for (const handle of found.toSorted((a, b) => age(a) - age(b))) {
      const origin = originOf(handle.spec);
      // One that was to take the place of another has passed no gate yet.
      const isNext = [...instances.loaded.values()].some(
        (other) => originOf(other.handle.spec) === origin,
      );
      const item = isNext ? undefined : known.get(origin);
      const plan = item === undefined ? newest : good;
      if (plan === undefined) {
        await handle.stop(signal);
        continue;
      }
      const instance = take(handle, item === undefined ? "loaded" : "serving", plan);
      if (item?.gate !== undefined) instance.passed.add(item.gate);
    }
    for (const item of known.values()) instances.proven.add(item);
    if (good !== undefined) progress.recall(good);
    const here = new Set([...instances.loaded.values()].map(({ handle }) => originOf(handle.spec)));
    if (good !== undefined && [...known.keys()].every((origin) => here.has(origin)))
      progress.resume(good);
  };

  const service: Service = async (signal) => {
    await adopt(signal);
    const work = workOf(perform, signal, notice);
    while (!signal.aborted && work.fault() === undefined) {
      alarm = new AbortController();
      const waitMs = await look(work);
      changed();
      await clock.sleep(waitMs, AbortSignal.any([signal, alarm.signal]));
    }
    await work.end();
    const patience = new AbortController().signal;
    if (!options.leaveRunning())
      await Promise.all([...instances.loaded.values()].map((one) => stop(one, patience)));
    const fault = work.fault();
    if (fault !== undefined) throw fault.cause;
  };

  const perform = (step: Step, target: VerifiedPlan, signal: AbortSignal): Promise<void> => {
    const hand = hands[step.kind] as (
      step: Step,
      target: VerifiedPlan,
      signal: AbortSignal,
    ) => Promise<void>;
    return hand(step, target, signal);
  };

  const status = () =>
    statusOf({
      ...{ plans, instances, fetched },
      newest: options.plans.accepted(),
      failure: tooOld ?? progress.failure,
      running: tooOld === undefined ? progress.running : undefined,
      retries: barred,
      now: clock.now(),
      wantedBy: (plan) => wantedBy(plan),
    });

  return {
    service,
    status,
    engines: (signal) => engineNumbers(instances.loaded.values(), clock, signal),
    taken: taking.taken,
    wake,
    serving: tableOf({
      instances: instances.loaded,
      front: () => progress.front,
      since: () => progress.frontSince,
      reasonOf: (deployment) => {
        const found = status().deployments[deployment];
        return found === undefined ? "not on this host" : (found.reason ?? found.state);
      },
      drained: wake,
    }),
  };
}

function isAhead(ms: number): boolean {
  return ms > 0;
}
