import {
  Exhausted,
  Failed,
  type Meter,
  POLICY_STEPS,
  type Run,
  type Slots,
  TOTAL_STEPS,
  type Value,
} from "../cel/cel.ts";
import { type Diagnostic, once, type Span } from "../diagnostic/diagnostic.ts";
import type { CompiledPolicy } from "./compiled.ts";
import { broken, failedOn, many, tooCostly } from "./told.ts";
import type { VariableName } from "./variables.ts";

/** One thing that is judged, and what a policy can read while it is. */
export interface Case {
  /** `the host web-1`. */
  readonly what: string;
  /** Where it stands; `undefined` for the change as a whole, which stands nowhere. */
  readonly at: Span | undefined;
  readonly values: { readonly [N in VariableName]?: () => Value };
}

/** So many of what one policy forbids are told one by one. */
const TOLD = 100;

/** What policies say of everything that they are about. */
export function judge(
  policies: readonly CompiledPolicy[],
  casesFor: (policy: CompiledPolicy) => readonly Case[],
): readonly Diagnostic[] {
  let left = TOTAL_STEPS;
  return policies.flatMap((policy) => {
    const meter: Meter = { left: Math.min(POLICY_STEPS, left) };
    const before = meter.left;
    const found = judgeAll(policy, casesFor(policy), meter);
    left -= before - Math.max(0, meter.left);
    return found;
  });
}

function judgeAll(
  policy: CompiledPolicy,
  cases: readonly Case[],
  meter: Meter,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const failed: Diagnostic[] = [];
  let untold = 0;
  for (const [index, each] of cases.entries()) {
    try {
      const said = judgeOne(policy, each, meter);
      if (said === undefined) continue;
      if (said.code === "policy/error") failed.push(said);
      else if (found.length < TOLD) found.push(said);
      else untold += 1;
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error;
      return once([...found, ...failed, tooCostly(policy, each, index, cases.length)]);
    }
  }
  // What one function of the author's makes stands in one place, and fails in one.
  return once([...found, ...failed, ...(untold === 0 ? [] : [many(policy, untold)])]);
}

function judgeOne(policy: CompiledPolicy, each: Case, meter: Meter): Diagnostic | undefined {
  const slots: Slots = policy.variables.map((name) =>
    policy.mentions.has(name) ? each.values[name]?.() : undefined,
  );
  const value = (run: Run) => run(slots, meter);
  if (policy.when !== undefined) {
    const about = value(policy.when);
    if (about instanceof Failed) return failedOn(policy, each, "when", about);
    if (about !== true) return undefined;
  }
  const holds = value(policy.require);
  if (holds instanceof Failed) return failedOn(policy, each, "require", holds);
  return holds === true ? undefined : broken(policy, each);
}
