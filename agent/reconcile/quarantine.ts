import type { Digest } from "@millwright/schema";
import type { Clock, Conditions, Journal } from "../life/life.ts";
import type { RequestShape, RunnerSpec } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { numberOf } from "./course.ts";
import type { Wanted } from "./wanted.ts";

/** A process that ended by itself, or could not be started. */
export interface Death {
  readonly spec: RunnerSpec;
  /** The same for all its generations. */
  readonly origin: Digest;
  readonly plan: VerifiedPlan;
  readonly reason: string;
  /** Milliseconds that it had served. */
  readonly servedMs: number;
  readonly answered: number;
  readonly log: readonly string[];
  readonly requests: readonly RequestShape[];
}

/** What is written down of a death. Numbers, digests and the engine's own log: never what was asked or answered. */
export interface CrashReport {
  readonly at: number;
  readonly deployment: string;
  readonly replica: number;
  readonly specification: Digest;
  readonly model: Digest;
  readonly adapter?: Digest;
  readonly revision: number;
  readonly plan: Digest;
  readonly reason: string;
  readonly servedMs: number;
  readonly answered: number;
  /** How often it died within ten minutes, this time included. */
  readonly deaths: number;
  readonly log: readonly string[];
  readonly requests: readonly RequestShape[];
}

/** What is not started again: until another plan comes, or an operator takes its file away. */
export interface Held {
  readonly origin: Digest;
  readonly plan: Digest;
  readonly since: number;
  readonly deployment: string;
  readonly message: string;
}

/** Where it is written down. Throws a Failure when the disk refuses. */
export interface QuarantineFiles {
  held(): Promise<readonly Held[]>;
  hold(held: Held): Promise<void>;
  release(origin: Digest): Promise<void>;
  /** Keeps the newest few. */
  report(report: CrashReport): Promise<void>;
  /** For people. */
  path(origin: Digest): string;
}

export interface Quarantine {
  note(death: Death): Promise<void>;
  /** What may not be started now for this plan. */
  look(plan: VerifiedPlan, wanted: readonly Wanted[]): Promise<ReadonlySet<Digest>>;
}

const DEATHS = 5;
const WITHIN_MS = 600_000;
/** One that has served so long has proved itself: its next death is a first one. */
const STEADY_MS = 300_000;
const CODE = "reconcile/quarantined";

export interface QuarantineOptions {
  readonly files: QuarantineFiles;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
}

/** Instances that kill their process again and again take memory, disk and patience from all others: they are left out. */
export function quarantineOf({ files, clock, conditions, journal }: QuarantineOptions): Quarantine {
  const deaths = new Map<Digest, readonly number[]>();
  const isDead = new Set<string>();

  return {
    async note({ spec, origin, plan, reason, servedMs, answered, log, requests }) {
      const now = clock.now();
      const before = servedMs > STEADY_MS ? [] : (deaths.get(origin) ?? []);
      const recent = [...before, now].filter((at) => now - at < WITHIN_MS);
      deaths.set(origin, recent);
      const { deployment, replica, model, adapter } = spec;
      await files.report({
        ...{ at: now, deployment, replica, specification: origin, model: model.digest },
        ...(adapter !== undefined && { adapter: adapter.digest }),
        ...{ revision: numberOf(plan), plan: plan.digest, reason, servedMs, answered },
        ...{ deaths: recent.length, log, requests },
      });
      if (recent.length < DEATHS) return;
      deaths.delete(origin);
      const name = plan.plan.blobs[model.digest]?.name ?? deployment;
      const minutes = Math.max(1, Math.round((now - (recent[0] ?? now)) / 60_000));
      const message = `${deployment} is not started any more: the process that held ${name} (${model.digest}, file ${model.path}) died ${recent.length} times within ${minutes} min, at last: ${reason.slice(-2_000)}. Release a plan with another model or other settings; or mend the cause and remove ${files.path(origin)}, then it is tried again. A report of each death lies in the folder crashes.`;
      await files.hold({ origin, plan: plan.digest, since: now, deployment, message });
      journal("error", { event: CODE, deployment, model: model.digest, deaths: recent.length });
    },
    async look(plan, wanted) {
      const all = await files.held();
      const origins = new Set(wanted.map(({ origin }) => origin));
      const counted: Held[] = [];
      for (const each of all) {
        if (each.plan === plan.digest) counted.push(each);
        // What another plan was in trouble with may work in this one.
        else if (origins.has(each.origin)) await files.release(each.origin);
      }
      for (const { deployment, message } of counted) {
        isDead.add(deployment);
        conditions.raise({ code: CODE, severity: "error", subject: deployment, message });
      }
      for (const deployment of isDead) {
        if (counted.some((each) => each.deployment === deployment)) continue;
        isDead.delete(deployment);
        conditions.clear(CODE, deployment);
      }
      return new Set(counted.map(({ origin }) => origin));
    },
  };
}
