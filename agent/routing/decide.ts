import {
  askedAdapterOf,
  type HostPlan,
  type PlannedChoice,
  type PlannedRoute,
} from "@millwright/schema";
import type { Candidate } from "./candidate.ts";
import type { Facts } from "./facts.ts";
import { sideAt } from "./point.ts";
import { holds, variablesIn } from "./predicate.ts";

/** What a classifier came to, at the rule that asked it. */
export type Ruling =
  | { readonly rule: string; readonly label: string; readonly confidence: number }
  /** `late`: it took too long. `failed`: there was none, or it broke. */
  | { readonly rule: string; readonly none: "late" | "failed" };

/** All on which a decision rests, besides the plan: with the same evidence it is the same, on any machine. */
export interface Evidence {
  readonly facts: Facts;
  /** Where the conversation stands among all, from 0 to below 1: which side of a split it is on. */
  readonly point: number;
  readonly rulings: readonly Ruling[];
  /** Deployments that failed often, lately: they are asked after all others. */
  readonly open: readonly string[];
}

/** What became of one rule, in words. */
export interface Step {
  readonly rule: string;
  readonly taken: boolean;
  readonly why: string;
}

export type Classify = NonNullable<PlannedChoice["classify"]>;

export type Decision =
  /** A classifier is to be asked; then it is decided again. */
  | { readonly kind: "ask"; readonly rule: string; readonly classify: Classify }
  | {
      readonly kind: "taken";
      readonly rule: string;
      readonly candidates: readonly Candidate[];
      readonly steps: readonly Step[];
    };

type Names = Pick<HostPlan, "deployments" | "routes"> & Partial<Pick<HostPlan, "elsewhere">>;

/** Who answers a task; `undefined` for a name that the plan does not have. */
export function decide(plan: Names, name: string, evidence: Evidence): Decision | undefined {
  const taken = (rule: string, to: readonly string[], steps: readonly Step[]): Decision => ({
    ...{ kind: "taken", rule, steps },
    candidates: inOrder(to, evidence.open),
  });
  const adapted = askedAdapterOf(plan, name);
  if (adapted !== undefined) {
    const why = "an adapter of a deployment was asked for by its own name";
    const steps = [{ rule: "adapter", taken: true, why }];
    return {
      kind: "taken",
      rule: "adapter",
      steps,
      candidates: [{ kind: "deployment", ...adapted }],
    };
  }
  const has = (all: object | undefined) => all !== undefined && Object.hasOwn(all, name);
  if (has(plan.deployments) || has(plan.elsewhere))
    return taken(
      "deployment",
      [name],
      [{ rule: "deployment", taken: true, why: "it was asked for by its own name" }],
    );
  const route = has(plan.routes) ? plan.routes[name] : undefined;
  if (route === undefined) return undefined;
  if (route.choose === undefined)
    return taken("to", route.to, [{ rule: "to", taken: true, why: "the route has no rules" }]);
  const steps: Step[] = [];
  for (const choice of route.choose) {
    const found = chosen(choice, evidence);
    if (found.kind === "ask") return found;
    const { rule } = choice;
    steps.push({ rule, taken: found.kind === "taken", why: found.why });
    if (found.kind === "taken") return taken(rule, found.to, steps);
  }
  // The rule for all that is left stands on another host.
  const why = "no rule that this host can keep is about it";
  return taken("otherwise", route.to, [...steps, { rule: "otherwise", taken: true, why }]);
}

type Chosen =
  | { readonly kind: "taken"; readonly to: readonly string[]; readonly why: string }
  | { readonly kind: "passed"; readonly why: string }
  | Extract<Decision, { kind: "ask" }>;

function chosen({ rule, when, to, split, classify }: PlannedChoice, evidence: Evidence): Chosen {
  const { facts, point } = evidence;
  if (when !== undefined && !holds(when, facts))
    return { kind: "passed", why: `its condition is false: ${read(when, facts)}` };
  const why =
    when === undefined
      ? "it is about all that is left"
      : `its condition is true: ${read(when, facts)}`;
  if (classify !== undefined) return classified(rule, classify, evidence);
  if (split === undefined) return { kind: "taken", to, why };
  const side = sideAt(split, point);
  // One that cannot answer is stood in for by the others, then by the fallbacks.
  const sides = [side, ...split.filter((each) => each !== side)].flatMap((each) => each?.to ?? []);
  return {
    kind: "taken",
    to: [...new Set([...sides, ...to])],
    why: `${why}; the conversation stands at ${point.toFixed(4)}, which is ${side?.to}'s`,
  };
}

function classified(rule: string, classify: Classify, { rulings }: Evidence): Chosen {
  const ruling = rulings.find((each) => each.rule === rule);
  if (ruling === undefined) return { kind: "ask", rule, classify };
  if ("none" in ruling)
    return {
      kind: "passed",
      why:
        ruling.none === "late" ? `${classify.by} took too long` : `${classify.by} could not tell`,
    };
  const { label, confidence } = ruling;
  const said = `${classify.by} says ${label}, at ${confidence.toFixed(3)}`;
  if (confidence < classify.atLeast)
    return { kind: "passed", why: `${said}: below ${classify.atLeast}` };
  const to = classify.labels.find(({ name }) => name === label)?.to ?? [];
  return to.length === 0
    ? { kind: "passed", why: `${said}, which is for the next rule` }
    : { kind: "taken", to, why: said };
}

function read(when: NonNullable<PlannedChoice["when"]>, facts: Facts): string {
  const known = variablesIn(when).map((name) => `${name} is ${JSON.stringify(facts[name])}`);
  return known.length === 0 ? "it reads nothing" : known.join(", ");
}

function inOrder(to: readonly string[], open: readonly string[]): readonly Candidate[] {
  const late = new Set(open);
  return [...to.filter((each) => !late.has(each)), ...to.filter((each) => late.has(each))].map(
    (deployment) => ({ kind: "deployment", deployment }),
  );
}

/** Whether a rule of a route reads something of tasks. */
export function reads({ choose = [] }: PlannedRoute, variable: keyof Facts): boolean {
  return choose.some(({ when }) => when !== undefined && variablesIn(when).includes(variable));
}
