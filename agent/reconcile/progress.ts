import type { Digest, Receipt } from "@millwright/schema";
import { type Clock, type Conditions, isWorldly, type Journal, messageOf } from "../life/life.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { type Course, courseOf, numberOf, type PlanFailure, type Plans } from "./course.ts";

export type Outcome = Pick<Receipt, "revision" | "plan" | "result" | "reason" | "models">;

/** How it goes with the plans: which one runs, which one failed and why, whose names are known to callers. */
export interface Progress {
  /** The plan that last ran as a whole. */
  readonly running: VerifiedPlan | undefined;
  /** The plan whose names are known to callers now. */
  readonly front: VerifiedPlan | undefined;
  readonly frontSince: number;
  readonly failure: PlanFailure | undefined;
  course(): Course | undefined;
  /** Callers see the names of this plan from now on. */
  present(plan: VerifiedPlan): void;
  /** This plan ran before the agent was restarted, and is what serves until a newer one can. */
  recall(plan: VerifiedPlan): void;
  /** And it survived whole. */
  resume(plan: VerifiedPlan): void;
  /** A plan that cannot be had as it is: what ran goes on running. */
  fail(plan: VerifiedPlan, reason: string): void;
  /** Everything that this plan wants serves, and nothing else is here. */
  settle(plan: VerifiedPlan): void;
  /** Writes down what became of plans. A disk that is full is a condition; it is tried again the next time. */
  record(): Promise<void>;
}

export interface ProgressOptions {
  readonly plans: Plans;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** The digests of the models that are loaded now. */
  readonly models: () => readonly Digest[];
  /** The plan has run and passed its gates: what no plan names may go. */
  readonly tidy: () => Promise<unknown>;
  readonly ended: (outcome: Outcome) => Promise<void>;
}

const FAILED = "reconcile/plan-failed";
const NOT_RECORDED = "reconcile/not-recorded";
const MAX_REASON = 3_000;

export function progressOf(options: ProgressOptions): Progress {
  const { plans, clock, journal, conditions } = options;
  const held = plans.good();
  let running: VerifiedPlan | undefined;
  let front: VerifiedPlan | undefined;
  let frontSince = clock.now();
  /** The front has run as a whole: it is worth going on with while another plan is prepared. */
  let hasRun = false;
  let failure: PlanFailure | undefined;
  /** The outcome that was told last: `7 running`. What was good before a restart was told then. */
  let told = held === undefined ? "" : `${numberOf(held)} running`;
  const toRecord: (() => Promise<unknown>)[] = [];

  const isNewest = (plan: VerifiedPlan) => {
    const newest = plans.accepted();
    return newest !== undefined && numberOf(newest) === numberOf(plan);
  };
  const tell = (plan: VerifiedPlan, result: Outcome["result"], reason?: string) => {
    const revision = numberOf(plan);
    if (told === `${revision} ${result}`) return;
    told = `${revision} ${result}`;
    const outcome: Outcome = {
      ...{ revision, plan: plan.digest, result, models: [...options.models()] },
      ...(reason !== undefined && { reason }),
    };
    toRecord.push(() => options.ended(outcome));
  };

  return {
    get running() {
      return running;
    },
    get front() {
      return front;
    },
    get frontSince() {
      return frontSince;
    },
    get failure() {
      return failure;
    },
    course: () => courseOf(plans, failure, hasRun ? front : undefined),
    present(plan) {
      if (front === undefined) frontSince = clock.now();
      front = plan;
    },
    recall(plan) {
      front = plan;
      hasRun = true;
    },
    resume(plan) {
      running = plan;
    },
    fail(plan, said) {
      if (!isNewest(plan)) return;
      if (failure !== undefined && numberOf(failure.plan) === numberOf(plan)) return;
      const reason = said.slice(0, MAX_REASON);
      failure = { plan, reason };
      const back = plans.good();
      const goesOn =
        back === undefined || numberOf(back) === numberOf(plan)
          ? "What works of it serves."
          : `Revision ${numberOf(back)} goes on.`;
      const message = `Revision ${numberOf(plan)} cannot run here: ${reason}. ${goesOn}`;
      conditions.raise({ code: FAILED, severity: "error", message });
      journal("error", { event: FAILED, revision: numberOf(plan), reason });
      tell(plan, "failed", reason);
    },
    settle(plan) {
      const wasRunning = running !== undefined && numberOf(running) === numberOf(plan);
      front = plan;
      hasRun = true;
      running = plan;
      if (!isNewest(plan)) return;
      failure = undefined;
      conditions.clear(FAILED);
      tell(plan, "running");
      if (wasRunning) return;
      journal("info", { event: "reconcile/running", revision: numberOf(plan), plan: plan.digest });
      toRecord.push(() => plans.keepGood(plan), options.tidy);
    },
    async record() {
      try {
        for (let next = toRecord[0]; next !== undefined; next = toRecord[0]) {
          await next();
          toRecord.shift();
        }
        conditions.clear(NOT_RECORDED);
      } catch (error) {
        if (!isWorldly(error)) throw error;
        const message = `What became of a plan could not be written down: ${messageOf(error)}. Models are served meanwhile. Free space under the state folder, or mend its rights; it is tried again by itself.`;
        conditions.raise({ code: NOT_RECORDED, severity: "error", message });
      }
    },
  };
}
