import type { VerifiedPlan } from "../trust/trust.ts";
import type { Step } from "./decide.ts";

/** The steps that are being taken now, each at most once at the same time. */
export interface Work {
  begin(step: Step, target: VerifiedPlan): void;
  /** Breaks off what is no longer wanted. */
  abandon(isOver: (step: Step) => boolean): void;
  isIdle(): boolean;
  /** What ended a step that was an error of ours: nothing can go on. */
  fault(): { readonly cause: unknown } | undefined;
  /** Breaks everything off; returns when it has ended. */
  end(): Promise<void>;
}

interface Doing {
  readonly step: Step;
  readonly over: AbortController;
  readonly done: Promise<void>;
}

export function workOf(
  perform: (step: Step, target: VerifiedPlan, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  notice: () => void,
): Work {
  const doing = new Map<string, Doing>();
  let fault: { readonly cause: unknown } | undefined;
  return {
    begin(step, target) {
      const key = keyOf(step);
      if (doing.has(key)) return;
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      const done = perform(step, target, either)
        .catch((cause: unknown) => {
          if (!either.aborted) fault ??= { cause };
        })
        .finally(() => {
          doing.delete(key);
          notice();
        });
      doing.set(key, { step, over, done });
    },
    abandon(isOver) {
      for (const { step, over } of doing.values()) if (isOver(step)) over.abort();
    },
    isIdle: () => doing.size === 0,
    fault: () => fault,
    async end() {
      for (const { over } of doing.values()) over.abort();
      await Promise.all([...doing.values()].map(({ done }) => done));
    },
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
