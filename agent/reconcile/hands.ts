import type { Digest } from "@millwright/schema";
import { type Clock, type Conditions, Failure, isWorldly, type Journal } from "../life/life.ts";
import { originOf, type RunnerHandle } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { numberOf } from "./course.ts";
import type { Step } from "./decide.ts";
import type { Instance, Instances, Starting } from "./instances.ts";
import type { Progress } from "./progress.ts";
import type { Death, Quarantine } from "./quarantine.ts";
import type { Blobs, Instancing } from "./reconciler.ts";
import type { Retries } from "./retries.ts";
import { smokeTest } from "./smoke.ts";
import type { Wanted } from "./wanted.ts";

/** One hand a kind of step. `target` is the plan for which the step is taken. */
export type Hands = {
  readonly [K in Step["kind"]]: (
    step: Extract<Step, { kind: K }>,
    target: VerifiedPlan,
    signal: AbortSignal,
  ) => Promise<void>;
};

export interface HandsOptions {
  readonly instances: Instances;
  readonly progress: Progress;
  readonly retries: Retries;
  /** Bytes that have come of what is being fetched. */
  readonly fetched: Map<Digest, number>;
  /** Counts who dies; absent: nobody does. */
  readonly quarantine?: Quarantine | undefined;
  /** For whom others were drained, because the plan would have them beside and there is no room. */
  readonly pressed: Set<Digest>;
  readonly blobs: Blobs;
  /** What a plan wants, each of the process that holds it now. */
  readonly wantedBy: (plan: VerifiedPlan) => readonly Wanted[];
  readonly runners: Instancing;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** An instance has come or gone: look again. */
  readonly changed: () => void;
}

/** Failures that no patience mends: the bytes are what they are. */
const lasting: readonly string[] = ["store/wrong-digest", "runner/bad-model"];
/** An instance that has served for so long has proved itself: its next failure is a first one. */
const STEADY_MS = 300_000;

export interface Handling {
  readonly hands: Hands;
  /** Takes an instance under care. Gives what is known of it from now on. */
  take(handle: RunnerHandle, state: Instance["state"], plan: VerifiedPlan): Instance;
  stop(instance: Instance, signal: AbortSignal): Promise<void>;
}

export function handlingOf(options: HandsOptions): Handling {
  const { instances, progress, retries, fetched, blobs, runners, wantedBy } = options;
  const { clock, journal, conditions, changed, pressed } = options;
  const { loaded, starting, proven } = instances;

  const again = (ms: number) => `Tried again in ${(ms / 1000).toFixed(1)} s.`;

  const take: Handling["take"] = (handle, state, plan) => {
    const taken = clock.now();
    const { since = taken, answered = 0 } = handle;
    const passed = new Set<Digest>();
    const instance: Instance = { handle, state, leases: 0, since, answered, passed, plan };
    loaded.set(handle.digest, instance);
    void handle.gone.then(({ reason }) => {
      if (loaded.get(handle.digest) === instance) loaded.delete(handle.digest);
      if (instance.state !== "stopping") mourn(instance, reason, clock.now() - taken);
      changed();
    });
    return instance;
  };

  /** Writes down a death, and that of whom it is one too many. */
  const bury = async (
    death: Pick<Death, "spec" | "plan" | "reason"> & Partial<Death>,
    handle?: RunnerHandle,
  ): Promise<void> => {
    try {
      await options.quarantine?.note({
        ...{ servedMs: 0, answered: 0, origin: originOf(death.spec) },
        log: (await handle?.logTail()) ?? [],
        requests: handle?.requests?.() ?? [],
        ...death,
      });
    } catch (error) {
      if (!isWorldly(error)) throw error;
      journal("warn", { event: "reconcile/crash-not-recorded", reason: error.message });
    }
  };

  /** A process that ended by itself is started again, later each time. */
  const mourn = (instance: Instance, reason: string, servedMs: number) => {
    const { handle, state, plan, answered } = instance;
    void bury({ spec: handle.spec, plan, reason, servedMs, answered }, handle).then(changed);
    const { deployment } = handle.spec;
    if (servedMs > STEADY_MS) retries.works(handle.digest);
    const wait = retries.failed(handle.digest, clock.now());
    journal("error", { event: "reconcile/instance-lost", deployment, reason });
    if (state === "serving" || state === "proved")
      complain(deployment, "warning", `A process of ${deployment} ended (${reason}).`, wait);
  };

  const complain = (
    deployment: string,
    severity: "warning" | "error",
    fact: string,
    waitMs: number,
  ) => {
    conditions.raise({
      ...{ code: "reconcile/restarting", severity, subject: deployment },
      message: `${fact} ${again(waitMs)}`.slice(-4_000),
    });
  };

  /** What passed its gates once fails by itself; what never did fails the plan that wants it. */
  const blame = (wanted: Wanted, target: VerifiedPlan, reason: string) => {
    const { deployment, digest } = wanted;
    const wait = retries.failed(digest, clock.now());
    journal("error", { event: "reconcile/start-failed", deployment, reason });
    if (proven.has(wanted))
      complain(deployment, "error", `${deployment} does not start again: ${reason}`, wait);
    else progress.fail(target, `${deployment}: ${reason}`);
  };

  /** What is started again only to bridge the time until the target is whole belongs to the plan before it. */
  const planOf = ({ digest }: Wanted, target: VerifiedPlan): VerifiedPlan =>
    wantedBy(target).some((item) => item.digest === digest) ? target : (progress.front ?? target);

  const stop: Handling["stop"] = async (instance, signal) => {
    instance.state = "stopping";
    await instance.handle.stop(signal);
    if (loaded.get(instance.handle.digest) === instance) loaded.delete(instance.handle.digest);
  };

  const drain = (digest: Digest) => {
    const instance = loaded.get(digest);
    if (instance?.state === "serving") instance.state = "draining";
  };

  const hands: Hands = {
    async fetch({ blob }, target, signal) {
      const source = target.plan.blobs[blob];
      if (source === undefined) {
        retries.refused(blob);
        progress.fail(target, `the plan names no source for ${blob}`);
        return;
      }
      fetched.set(blob, 0);
      try {
        await blobs.fetch(blob, source, (bytes) => fetched.set(blob, bytes), signal);
        conditions.clear("reconcile/fetch-failed", source.name);
        retries.works(blob);
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorldly(error)) throw error;
        const isLasting = error instanceof Failure && lasting.includes(error.code);
        const wait = retries.failed(blob, clock.now());
        // Other bytes than the plan names: no patience mends that. A network that is down, it does.
        if (isLasting) {
          retries.refused(blob);
          progress.fail(target, `${error.code}: ${error.message}`);
        }
        const cure = isLasting ? "It is not tried again until a new plan comes." : again(wait);
        conditions.raise({
          ...{ code: "reconcile/fetch-failed", severity: "error", subject: source.name },
          message: `${error.message.slice(0, 3_500)} ${cure}`,
        });
      } finally {
        fetched.delete(blob);
      }
    },
    async start({ wanted }, target, signal) {
      const known: Starting = { spec: wanted.spec };
      starting.set(wanted.digest, known);
      try {
        const handle = await runners.start(wanted.spec, signal, (percent) => {
          known.percent = percent;
        });
        take(handle, "loaded", planOf(wanted, target));
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorldly(error)) throw error;
        const code = error instanceof Failure ? `${error.code}: ` : "";
        const { path, digest } = wanted.spec.model;
        blame(wanted, target, `${code}${error.message} (${path}, ${digest})`);
        if (error instanceof Failure && error.code === "runner/load-failed")
          await bury({ spec: wanted.spec, plan: target, reason: error.message });
        if (error instanceof Failure && lasting.includes(error.code))
          retries.refused(wanted.digest);
      } finally {
        starting.delete(wanted.digest);
      }
    },
    async smoke({ wanted }, target, signal) {
      const instance = loaded.get(wanted.digest);
      const isLeaving = () => instance?.state === "stopping";
      if (instance === undefined || isLeaving()) return;
      const isNew = instance.state === "loaded";
      const wrong = await smokeTest(instance.handle.engine, wanted, clock, signal);
      if (isLeaving()) return;
      const isHere = loaded.get(wanted.digest) === instance;
      if (wrong === undefined && isHere) {
        if (isNew) instance.state = "proved";
        if (wanted.gate !== undefined) instance.passed.add(wanted.gate);
        proven.add(wanted);
        return;
      }
      const log = isHere ? "" : await lastWords(instance.handle);
      // Blamed before it is stopped: once it is gone it would be missing, and started again at once.
      blame(wanted, target, `${wrong ?? "its process ended"}${log}`);
      // What serves another plan well goes on doing so.
      if (isHere && isNew) await stop(instance, signal);
    },
    async shift({ serve, drain: leave }, target) {
      for (const digest of serve) {
        const instance = loaded.get(digest);
        if (instance?.state !== "proved" && instance?.state !== "draining") continue;
        instance.state = "serving";
        conditions.clear("reconcile/restarting", instance.handle.spec.deployment);
      }
      for (const digest of leave) drain(digest);
      const wanted = wantedBy(target);
      for (const { digest } of wanted) {
        const instance = loaded.get(digest);
        if (instance !== undefined) instance.plan = target;
      }
      if (wanted.every(({ digest }) => loaded.get(digest)?.state === "serving"))
        progress.present(target);
      journal("info", {
        ...{ event: "reconcile/shifted", revision: numberOf(target) },
        ...{ serving: serve.length, draining: leave.length },
      });
    },
    async drain({ digest, pressed: wanted }) {
      if (wanted !== undefined && !pressed.has(wanted.digest)) {
        pressed.add(wanted.digest);
        const { deployment, memory } = wanted;
        const bytes = memory.whole;
        journal("warn", { event: "reconcile/no-room-beside", deployment, bytes });
      }
      drain(digest);
    },
    async stop({ digest }, _target, signal) {
      const instance = loaded.get(digest);
      if (instance !== undefined) await stop(instance, signal);
    },
  };
  return { hands, take, stop };
}

/** Why a process ended, in the engine's own words. */
async function lastWords(handle: RunnerHandle): Promise<string> {
  const { reason } = await handle.gone;
  return ` (${reason})`;
}
