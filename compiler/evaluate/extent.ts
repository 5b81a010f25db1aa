import type { Span } from "../diagnostic/diagnostic.ts";
import { budget } from "./budget.ts";
import type { Run } from "./run.ts";
import type { Failed, Value } from "./value.ts";

/**
 * Why a value is more than may be written out: shared parts count as often as they appear, because a plain value
 * repeats them; forty lines of `[a, a]` stand for 2^40 elements. `undefined` when it is not too much.
 */
export function excessOf(value: Value): "too large" | "too deep" | undefined {
  const waiting: { readonly part: Value; readonly depth: number }[] = [{ part: value, depth: 0 }];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { part, depth } = next;
    seen += 1;
    if (depth > budget.depth) return "too deep";
    if (seen + waiting.length > budget.written) return "too large";
    if (part.kind === "list")
      for (const item of part.items) waiting.push({ part: item, depth: depth + 1 });
    if (part.kind === "fields")
      for (const { value: inner } of part.fields.values())
        waiting.push({ part: inner, depth: depth + 1 });
  }
  return undefined;
}

export function refuseExcess(run: Run, excess: "too large" | "too deep", at: Span): Failed {
  return excess === "too large"
    ? run.refuse(
        "evaluate/too-large",
        `written out, this has more than ${budget.written.toLocaleString("en")} parts`,
        at,
        "make it smaller: shared parts count each time",
      )
    : run.refuse(
        "evaluate/too-deep",
        `this value nests deeper than ${budget.depth} levels`,
        at,
        "nest less",
      );
}
