import { type Code, type Diagnostic, nearest, type Span } from "../diagnostic/diagnostic.ts";
import { budget } from "./budget.ts";
import type { Trace } from "./trace.ts";
import { type Activation, type Failed, failed } from "./value.ts";

/** One evaluation: what it found wrong, what it has spent, and what is being called. */
export interface Run {
  /** Begins anew: nothing found, nothing spent. What was read before goes on calling this same run. */
  begin(files: number): void;
  readonly found: readonly Diagnostic[];
  /** Reports, and gives the value that stands for "reported". */
  refuse(code: Code, message: string, at: Span, cure?: string, also?: Diagnostic["also"]): Failed;
  /** How often something was refused, also where that had been said already. */
  readonly refusals: number;
  /** What was probably meant. Looked for in the first mistakes alone: who makes thousands learns no more by it. */
  suggest(name: string, known: Iterable<string>): string | undefined;
  /** False once the budget is spent; the first time it says so. */
  spend(steps: number, at: Span): boolean;
  readonly spent: number;
  readonly remaining: number;
  /** Counts steps that were spent in a run before, on what is remembered. Never more than remain. */
  spendAgain(steps: number): void;
  /** Goes one level deeper; false when that is too deep. Whoever entered leaves; whoever could not, says so. */
  enter(): boolean;
  tooDeep(at: Span): Failed;
  leave(): void;
  /** Runs `inner` as a call of its own: what it makes, it may change until it ends. */
  activate<T>(inner: (call: Activation) => T): T;
  /** The call that is running; what is made now belongs to it. */
  readonly call: Activation | undefined;
  /** There while `explain` asks where values come from. */
  readonly trace: Trace | undefined;
}

const SUGGESTIONS = 50;

export function newRun(files: number, trace?: Trace): Run {
  let found: Diagnostic[] = [];
  const reported = new Set<string>();
  let steps = budget.steps + budget.stepsPerFile * files;
  let spent = 0;
  let depth = 0;
  let refusals = 0;
  let call: Activation | undefined;
  const refuse: Run["refuse"] = (code, message, at, cure, also) => {
    refusals += 1;
    // One place is reported once, however often a function that holds it is called.
    const place = `${code} ${at.file} ${at.start} ${at.end}`;
    if (reported.has(place)) return failed;
    reported.add(place);
    found.push({
      code,
      severity: "error",
      message,
      at,
      ...(cure !== undefined && { cure }),
      ...(also !== undefined && { also }),
    });
    return failed;
  };
  return {
    begin(count) {
      found = [];
      reported.clear();
      steps = budget.steps + budget.stepsPerFile * count;
      spent = 0;
      refusals = 0;
    },
    get found() {
      return found;
    },
    refuse,
    trace,
    get refusals() {
      return refusals;
    },
    get spent() {
      return spent;
    },
    get call() {
      return call;
    },
    get remaining() {
      return steps - spent;
    },
    spendAgain(count) {
      spent += count;
    },
    suggest(name, known) {
      return refusals < SUGGESTIONS ? nearest(name, known) : undefined;
    },
    spend(count, at) {
      const before = spent;
      spent += count;
      if (spent <= steps) return true;
      if (before <= steps) {
        refuse(
          "evaluate/too-much-work",
          `evaluation stopped here after ${steps.toLocaleString("en")} steps`,
          at,
          "look for recursion without an end, or for lists multiplied by lists",
        );
      } else refusals += 1;
      return false;
    },
    enter() {
      if (depth >= budget.depth) return false;
      depth += 1;
      return true;
    },
    tooDeep(at) {
      return refuse(
        "evaluate/too-deep",
        `nesting or recursion is deeper than ${budget.depth} levels`,
        at,
        "define the inner parts as consts of their own, or end the recursion",
      );
    },
    leave() {
      depth -= 1;
    },
    activate(inner) {
      const outer = call;
      const own: Activation = { running: true };
      call = own;
      try {
        return inner(own);
      } finally {
        own.running = false;
        call = outer;
      }
    },
  };
}
