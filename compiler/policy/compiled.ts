import type { PolicySubject } from "@millwright/schema";
import { parseExpression, type Run, runnable, type Slip, showType, typeCheck } from "../cel/cel.ts";
import type { Definitions, Found } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { spanOfPlace } from "./span-of-place.ts";
import { type Types, typesOfPolicies, type VariableName, variablesOf } from "./variables.ts";
import { newWorld, type World } from "./world.ts";

/** A policy that parses and whose types hold, ready to judge. */
export interface CompiledPolicy {
  readonly found: Found<"policy">;
  readonly on: PolicySubject;
  readonly when: Run | undefined;
  readonly require: Run;
  /** The variables that it reads, by the slot in which they are handed in. */
  readonly variables: readonly VariableName[];
  readonly mentions: ReadonlySet<string>;
  /** It compares before and after, so that it judges a change and no state. */
  readonly judgesChange: boolean;
}

/** Policies that can judge, in order of name, and the values that they judge. */
export interface Policies {
  readonly all: readonly CompiledPolicy[];
  readonly world: World;
}

export interface CompiledPolicies {
  /** Those without a problem. */
  readonly policies: Policies;
  readonly problems: readonly Diagnostic[];
}

export function compilePolicies(definitions: Definitions): CompiledPolicies {
  return policyCompiler()(definitions);
}

interface One {
  readonly policy: CompiledPolicy | undefined;
  readonly problems: readonly Diagnostic[];
}

/** Compiles again and again: a policy that comes again, identical, is not parsed again. */
export function policyCompiler(): (definitions: Definitions) => CompiledPolicies {
  const known = new WeakMap<Found<"policy">, One>();
  let made: { readonly types: Types; readonly world: World } | undefined;
  return ({ policies }) => {
    // Nothing is made for the many repositories without a policy.
    if (policies.size === 0) return none;
    if (made === undefined) {
      const types = typesOfPolicies();
      made = { types, world: newWorld(types) };
    }
    const { types, world } = made;
    const all = [...policies.values()].map((found) => {
      const one = known.get(found) ?? compiledOne(found, types);
      known.set(found, one);
      return one;
    });
    return {
      policies: { all: all.flatMap(({ policy }) => policy ?? []), world },
      problems: all.flatMap(({ problems }) => problems),
    };
  };
}

const none: CompiledPolicies = {
  policies: { all: [], world: { things: nothing, everything: nothing, plan: nothing } },
  problems: [],
};

function nothing(): never {
  throw new Error("impossible: no policy asks for anything");
}

const parts = ["when", "require"] as const;
type Part = (typeof parts)[number];

function compiledOne(found: Found<"policy">, types: Types): One {
  const { on } = found.value;
  const variables = variablesOf(on, types);
  const names = [...variables.keys()];
  const problems: Diagnostic[] = [];
  const mentions = new Set<string>();
  const runs: { [P in Part]?: Run } = {};
  for (const part of parts) {
    const text = found.value[part];
    if (text === undefined) continue;
    const problem = (code: "policy/syntax" | "policy/type", slip: Slip): void => {
      problems.push({
        code,
        severity: "error",
        message: `the policy ${found.value.name}: ${slip.message}`,
        at: spanOfPlace(found, part, slip),
        cure: slip.cure,
      });
    };
    const parsed = parseExpression(text);
    if (!parsed.ok) {
      problem("policy/syntax", parsed.slip);
      continue;
    }
    const checked = typeCheck(parsed.node, variables);
    for (const name of checked.mentions) mentions.add(name);
    const slips = [...checked.slips];
    if (slips.length === 0 && checked.type.kind !== "bool" && checked.type.kind !== "any")
      slips.push(notBool(part, showType(checked.type), text));
    for (const slip of slips) problem("policy/type", slip);
    if (slips.length === 0) runs[part] = runnable(parsed.node, names);
  }
  const { when, require } = runs;
  if (problems.length > 0 || require === undefined) return { policy: undefined, problems };
  const judgesChange = ["before", "after", "touched"].some((name) => mentions.has(name));
  return {
    policy: {
      found,
      on,
      when,
      require,
      variables: names,
      mentions,
      judgesChange: judgesChange || on === "change",
    },
    problems,
  };
}

function notBool(part: Part, type: string, text: string): Slip {
  return {
    from: 0,
    to: text.length,
    message: `${part} gives ${type}, and must give a bool`,
    cure: "compare it with something",
  };
}
