import type { Failed } from "../cel/cel.ts";
import { type Diagnostic, shortened } from "../diagnostic/diagnostic.ts";
import type { CompiledPolicy } from "./compiled.ts";
import type { Case } from "./judge.ts";
import { spanOfPlace } from "./span-of-place.ts";

const LONGEST = 200;

/** What is not as a policy wants it: an error, or a warning where the policy only warns. */
export function broken(policy: CompiledPolicy, { what, at }: Case): Diagnostic {
  const { name, message, require, action } = policy.found.value;
  const only = action === "warn";
  return {
    code: only ? "policy/warned" : "policy/denied",
    severity: only ? "warning" : "error",
    message: `the policy ${name} ${only ? "warns of" : "denies"} ${what}: ${message}`,
    at: at ?? policy.found.at,
    cure: `this must hold: ${inOneLine(require)}`,
    also: at === undefined ? [] : [{ message: "the policy", at: policy.found.at }],
  };
}

/** The rest of what one policy says. */
export function many(policy: CompiledPolicy, untold: number): Diagnostic {
  const { name, action } = policy.found.value;
  const only = action === "warn";
  return {
    code: only ? "policy/warned" : "policy/denied",
    severity: only ? "warning" : "error",
    message: `the policy ${name} ${only ? "warns of" : "denies"} ${untold} more`,
    at: policy.found.at,
    cure: "look at the first of them: they may have one cause",
  };
}

/** Whoever cannot judge has not allowed: always an error, also of a policy that only warns. */
export function failedOn(
  policy: CompiledPolicy,
  { what, at }: Case,
  part: "when" | "require",
  failed: Failed,
): Diagnostic {
  return {
    code: "policy/error",
    severity: "error",
    message: `the policy ${policy.found.value.name} cannot judge ${what}: ${failed.message}`,
    at: spanOfPlace(policy.found, part, failed.place),
    cure: failed.cure,
    also: at === undefined ? [] : [{ message: what, at }],
  };
}

export function tooCostly(
  policy: CompiledPolicy,
  { what, at }: Case,
  index: number,
  count: number,
): Diagnostic {
  return {
    code: "policy/too-costly",
    severity: "error",
    message: `the policy ${policy.found.value.name} takes more steps than it may; it was judging ${what}, ${index + 1} of ${count}`,
    at: policy.found.spanOf(["require"]),
    cure: "look at lists within lists: ask each thing only about itself, or test with `in`",
    also: at === undefined ? [] : [{ message: what, at }],
  };
}

function inOneLine(text: string): string {
  return shortened(text.replace(/\s+/g, " ").trim(), LONGEST);
}
