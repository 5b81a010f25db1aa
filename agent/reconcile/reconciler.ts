import type { Digest, Receipt } from "@millwright/schema";
import {
  type Chance,
  type Clock,
  type Conditions,
  Failure,
  type Journal,
  type Service,
} from "../life/life.ts";
import type { RunnerHandle, RunnerSpec } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { blobsOf, courseOf, numberOf, type PlanFailure, type Plans } from "./course.ts";
import { decide, isSettled, type Observed, type Step } from "./decide.ts";
import { type Instance, type Instances, observedInstances } from "./instances.ts";
import { retriesOf } from "./retries.ts";
import type { Serving } from "./serving.ts";
import { smokeTest } from "./smoke.ts";
import { type ReconcileStatus, statusOf } from "./status.ts";
import { tableOf } from "./table.ts";
import { needsOf, type Wanted, wantedOf } from "./wanted.ts";

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
  adopt(signal: AbortSignal): Promise<readonly RunnerHandle[]>;
  start(spec: RunnerSpec, signal: AbortSignal): Promise<RunnerHandle>;
}

export type Outcome = Pick<Receipt, "revision" | "plan" | "result" | "reason" | "models">;

export interface ReconcileOptions {
  readonly plans: Plans;
  readonly blobs: Blobs;
  readonly runners: Instancing;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** The status may have changed. */
  readonly changed: () => void;
  /** A plan runs, or has failed: once for each revision. */
  readonly ended: (outcome: Outcome) => Promise<void>;
  /** Whether models go on running when the agent stops, for the next agent to take over. */
  readonly leaveRunning: () => boolean;
}

export interface Reconciler {
  readonly service: Service;
  readonly serving: Serving;
  status(): ReconcileStatus;
  /** Looks again at once: a plan was accepted. */
  wake(): void;
}

/** Looks at least this often. */
const TICK_MS = 5_000;
/** An instance that has served for so long has proved itself: its next failure is a first one. */
const STEADY_MS = 300_000;

export function reconciler(options: ReconcileOptions): Reconciler {
  const { plans, blobs, runners, clock, chance, journal, conditions, changed } = options;
  const instances: Instances = new Map();
  const retries = retriesOf(chance);
  const proven = new Set<Digest>();
  const working = new Map<string, Promise<void>>();
  const fetched = new Map<Digest, number>();
  let running: VerifiedPlan | undefined;
  let front: VerifiedPlan | undefined;
  let failure: PlanFailure | undefined;
  let reported = 0;
  let frontSince = clock.now();
  let alarm = new AbortController();
  const wake = () => alarm.abort();

  const present = (plan: VerifiedPlan) => {
    if (front === undefined) frontSince = clock.now();
    front = plan;
  };

  /** A plan that cannot be had as it is: what ran goes on running. */
  const fail = async (plan: VerifiedPlan, reason: string) => {
    const newest = plans.accepted();
    if (newest === undefined || numberOf(newest) !== numberOf(plan) || failure?.plan === plan)
      return;
    failure = { plan, reason };
    const back = plans.good();
    const goesOn =
      back === undefined
        ? "Nothing ran before it; what works of it serves."
        : `Revision ${numberOf(back)} goes on.`;
    conditions.raise({
      code: "reconcile/plan-failed",
      severity: "error",
      message: `Revision ${numberOf(plan)} cannot run here: ${reason}. ${goesOn}`,
    });
    journal("error", { event: "reconcile/plan-failed", revision: numberOf(plan), reason });
    await options.ended({
      revision: numberOf(plan),
      plan: plan.digest,
      result: "failed",
      reason,
      models: loaded(),
    });
  };

  const settle = async (plan: VerifiedPlan) => {
    present(plan);
    for (const instance of instances.values()) instance.plan = plan;
    if (running !== undefined && numberOf(running) === numberOf(plan)) return;
    running = plan;
    const newest = plans.accepted();
    changed();
    if (newest === undefined || numberOf(newest) !== numberOf(plan)) return;
    failure = undefined;
    conditions.clear("reconcile/plan-failed");
    await plans.keepGood(plan);
    await blobs.collect(blobsOf([newest, plans.good()]));
    if (reported >= numberOf(plan)) return;
    reported = numberOf(plan);
    journal("info", { event: "reconcile/running", revision: numberOf(plan), plan: plan.digest });
    await options.ended({
      revision: numberOf(plan),
      plan: plan.digest,
      result: "running",
      models: loaded(),
    });
  };

  const loaded = () => [
    ...new Set(
      [...instances.values()].flatMap(({ handle: { spec } }) => [
        spec.model.digest,
        ...(spec.adapter === undefined ? [] : [spec.adapter.digest]),
      ]),
    ),
  ];

  const take = (handle: RunnerHandle, state: Instance["state"], plan: VerifiedPlan) => {
    const instance: Instance = { handle, state, leases: 0, plan, stopping: false };
    const since = clock.now();
    instances.set(handle.digest, instance);
    void handle.gone.then(({ reason }) => {
      if (instances.get(handle.digest) === instance) instances.delete(handle.digest);
      if (!instance.stopping) mourn(instance, reason, clock.now() - since);
      changed();
      wake();
    });
  };

  /** A process that ended by itself is started again, later each time. */
  const mourn = ({ handle, state }: Instance, reason: string, servedMs: number) => {
    const { deployment } = handle.spec;
    if (servedMs > STEADY_MS) retries.works(handle.digest);
    const wait = retries.failed(handle.digest, clock.now());
    journal("error", { event: "reconcile/instance-lost", deployment, reason });
    if (state !== "serving" && state !== "proved") return;
    conditions.raise({
      code: "reconcile/restarting",
      severity: "warning",
      subject: deployment,
      message: `A process of ${deployment} ended (${reason}). It is started again in ${(wait / 1000).toFixed(1)} s.`,
    });
  };

  const hands: {
    readonly [K in Step["kind"]]: (
      step: Extract<Step, { kind: K }>,
      target: VerifiedPlan,
      signal: AbortSignal,
    ) => Promise<void>;
  } = {
    async fetch({ blob }, target, signal) {
      const source = target.plan.blobs[blob];
      if (source === undefined) {
        await fail(target, `the plan names no source for ${blob}`);
        return;
      }
      try {
        await blobs.fetch(blob, source, (bytes) => fetched.set(blob, bytes), signal);
        conditions.clear("reconcile/fetch-failed", source.name);
        retries.works(blob);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const wait = retries.failed(blob, clock.now());
        conditions.raise({
          code: "reconcile/fetch-failed",
          severity: "error",
          subject: source.name,
          message: `${error.message} Tried again in ${(wait / 1000).toFixed(1)} s.`,
        });
        // Other bytes than the plan names: no patience mends that. A network that is down, it does.
        if (error.code === "store/wrong-digest")
          await fail(target, `${error.code}: ${error.message}`);
      } finally {
        fetched.delete(blob);
      }
    },
    async start({ wanted }, target, signal) {
      try {
        take(await runners.start(wanted.spec, signal), "loaded", target);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const wait = retries.failed(wanted.digest, clock.now());
        journal("error", {
          event: "reconcile/start-failed",
          deployment: wanted.deployment,
          reason: error.message,
        });
        if (proven.has(wanted.digest)) {
          const message = `${wanted.deployment} does not start again: ${error.message} Tried again in ${(wait / 1000).toFixed(1)} s.`;
          conditions.raise({
            code: "reconcile/restarting",
            severity: "error",
            subject: wanted.deployment,
            message,
          });
        } else await fail(target, `${wanted.deployment}: ${error.code}: ${error.message}`);
      }
    },
    async smoke({ wanted }, target, signal) {
      const instance = instances.get(wanted.digest);
      if (instance === undefined) return;
      const wrong = await smokeTest(instance.handle.engine, wanted.planned, clock, signal);
      if (instances.get(wanted.digest) !== instance) return;
      if (wrong === undefined) {
        instance.state = "proved";
        proven.add(wanted.digest);
        return;
      }
      retries.failed(wanted.digest, clock.now());
      await fail(target, `${wanted.deployment}: ${wrong}`);
      await stop(instance, signal);
    },
    async shift({ serve, drain }, target) {
      for (const digest of serve) {
        const instance = instances.get(digest);
        if (instance === undefined) continue;
        instance.state = "serving";
        instance.plan = target;
        conditions.clear("reconcile/restarting", instance.handle.spec.deployment);
      }
      for (const digest of drain) drainOne(digest);
      const wanted = wantedOf(target.plan, blobs.path);
      if (wanted.every(({ digest }) => instances.get(digest)?.state === "serving")) present(target);
      journal("info", {
        event: "reconcile/shifted",
        revision: numberOf(target),
        serving: serve.length,
        draining: drain.length,
      });
    },
    async drain({ digest }) {
      drainOne(digest);
    },
    async stop({ digest }, _target, signal) {
      const instance = instances.get(digest);
      if (instance !== undefined) await stop(instance, signal);
    },
  };

  const drainOne = (digest: Digest) => {
    const instance = instances.get(digest);
    if (instance !== undefined) instance.state = "draining";
  };

  const stop = async (instance: Instance, signal: AbortSignal) => {
    instance.stopping = true;
    await instance.handle.stop(signal);
    if (instances.get(instance.handle.digest) === instance)
      instances.delete(instance.handle.digest);
  };

  const perform = (step: Step, target: VerifiedPlan, signal: AbortSignal): Promise<void> => {
    const hand = hands[step.kind] as (
      step: Step,
      target: VerifiedPlan,
      signal: AbortSignal,
    ) => Promise<void>;
    return hand(step, target, signal);
  };

  const observe = async (wanted: readonly Wanted[], guarded: boolean): Promise<Observed> => {
    const needed = [...new Set(wanted.flatMap(needsOf))];
    const here = await Promise.all(needed.map((digest) => blobs.has(digest)));
    return {
      blobs: new Set(needed.filter((_, index) => here[index])),
      instances: observedInstances(instances),
      retryAt: retries.at,
      guarded,
    };
  };

  /** Looks once, and sets going what is to be done. Gives how long nothing more will be due. */
  const look = async (signal: AbortSignal, crashed: (error: unknown) => void): Promise<number> => {
    const course = courseOf(plans, failure, running);
    if (course === undefined) return TICK_MS;
    const { target, guarded } = course;
    if (front === undefined) present(target);
    const wanted = wantedOf(target.plan, blobs.path);
    const observed = await observe(wanted, guarded);
    const now = clock.now();
    for (const step of decide(wanted, observed, now)) {
      const key = keyOf(step);
      if (working.has(key)) continue;
      const work = perform(step, target, signal)
        .catch((error: unknown) => {
          if (!signal.aborted) crashed(error);
        })
        .finally(() => {
          working.delete(key);
          changed();
          wake();
        });
      working.set(key, work);
    }
    if (working.size === 0 && isSettled(wanted, observed)) await settle(target);
    const due = [...retries.at.values()].filter((at) => at > now).map((at) => at - now);
    return Math.min(TICK_MS, ...due);
  };

  const adopt = async (signal: AbortSignal) => {
    const [good, newest] = [plans.good(), plans.accepted()];
    const known = new Set(
      good === undefined ? [] : wantedOf(good.plan, blobs.path).map(({ digest }) => digest),
    );
    for (const handle of await runners.adopt(signal)) {
      const plan = known.has(handle.digest) ? good : newest;
      if (plan === undefined) await handle.stop(signal);
      else take(handle, known.has(handle.digest) ? "serving" : "loaded", plan);
      if (known.has(handle.digest)) proven.add(handle.digest);
    }
    if (known.size > 0 && [...known].every((digest) => instances.has(digest))) {
      running = good;
      front = good;
    }
    if (good !== undefined && newest !== undefined && numberOf(good) === numberOf(newest))
      reported = numberOf(good);
  };

  const service: Service = async (signal) => {
    await adopt(signal);
    const broken = new AbortController();
    let cause: unknown;
    const crashed = (error: unknown) => {
      cause = error;
      broken.abort();
      wake();
    };
    while (!signal.aborted && !broken.signal.aborted) {
      alarm = new AbortController();
      const waitMs = await look(signal, crashed);
      changed();
      await clock.sleep(waitMs, AbortSignal.any([signal, alarm.signal, broken.signal]));
    }
    await Promise.allSettled(working.values());
    const end = new AbortController().signal;
    if (!options.leaveRunning())
      await Promise.all([...instances.values()].map((instance) => stop(instance, end)));
    if (broken.signal.aborted) throw cause;
  };

  const status = () =>
    statusOf({
      plans,
      failure,
      running,
      instances,
      retries: retries.at,
      fetched,
      working: new Set(working.keys()),
      now: clock.now(),
      path: blobs.path,
    });

  return {
    service,
    status,
    wake,
    serving: tableOf({
      instances,
      front: () => front,
      since: () => frontSince,
      reasonOf: (deployment) => {
        const found = status().deployments[deployment];
        return found === undefined ? "not on this host" : (found.reason ?? found.state);
      },
      drained: wake,
    }),
  };
}

function keyOf(step: Step): string {
  switch (step.kind) {
    case "fetch":
      return `fetch ${step.blob}`;
    case "start":
    case "smoke":
      return `${step.kind} ${step.wanted.digest}`;
    case "shift":
      return "shift";
    case "drain":
    case "stop":
      return `${step.kind} ${step.digest}`;
  }
}
