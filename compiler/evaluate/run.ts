import type { Code, Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import { type Failed, failed } from "./value.ts";

/** What bounds one compilation's evaluation. Far above what definitions need, far below what hurts. */
export const budget = {
  /** Expressions evaluated and elements copied. */
  steps: 5_000_000,
  /** Expressions inside expressions, calls inside calls. The interpreter's own stack must hold it. */
  depth: 400,
  /** UTF-16 units of one text. */
  text: 1_000_000,
  /** Elements of one list, fields of one object. */
  items: 100_000,
  /** Parts of one value as it is written out, shared ones counted each time. */
  written: 1_000_000,
  /** Arguments of one call: JavaScript's own stack must hold them. */
  args: 50_000,
} as const;

/** One evaluation: what it found wrong, and what it has spent. */
export interface Run {
  readonly found: Diagnostic[];
  /** Reports, and gives the value that stands for "reported". */
  refuse(code: Code, message: string, at: Span, cure?: string): Failed;
  /** False once the budget is spent; the first time it says so. */
  spend(steps: number, at: Span): boolean;
  /** Runs `inner` one level deeper; refuses when that is too deep. */
  deeper<T>(at: Span, inner: () => T): T | Failed;
}

export function newRun(): Run {
  const found: Diagnostic[] = [];
  const reported = new Set<string>();
  let steps = 0;
  let depth = 0;
  const refuse: Run["refuse"] = (code, message, at, cure) => {
    // One place is reported once, however often a function that holds it is called.
    const place = `${code} ${at.file} ${at.start} ${at.end}`;
    if (reported.has(place)) return failed;
    reported.add(place);
    found.push({ code, severity: "error", message, at, ...(cure !== undefined && { cure }) });
    return failed;
  };
  return {
    found,
    refuse,
    spend(count, at) {
      const before = steps;
      steps += count;
      if (steps <= budget.steps) return true;
      if (before <= budget.steps) {
        refuse(
          "evaluate/too-much-work",
          `evaluation stopped here after ${budget.steps.toLocaleString("en")} steps`,
          at,
          "look for recursion without an end, or for lists multiplied by lists",
        );
      }
      return false;
    },
    deeper(at, inner) {
      if (depth >= budget.depth) {
        return refuse(
          "evaluate/too-deep",
          `nesting or recursion is deeper than ${budget.depth} levels`,
          at,
          "define the inner parts as consts of their own, or end the recursion",
        );
      }
      depth += 1;
      try {
        return inner();
      } finally {
        depth -= 1;
      }
    },
  };
}
