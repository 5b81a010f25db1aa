import type { Trace } from "./trace.ts";

/** What became of an answer's shadow. `busy`: there was no room. `stopped`: somebody wanted its place. */
export type ShadowOutcome = "compared" | "busy" | "stopped" | "failed";

/** How two answers to one task compare. */
export interface Comparison {
  readonly equal: boolean;
  /** The edit distance as a share of the longer text. */
  readonly distance: number;
  /** Milliseconds that the shadow took more than what was given; negative: less. */
  readonly slowerMs: number;
}

/** A number of a route since the start, as telemetry shows it. */
export interface RouteCount {
  readonly what: keyof typeof routeMetrics;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const routeMetrics = {
  "millwright.route.requests":
    "Answers of a route, by the rule that was taken and the deployment that answered.",
  "millwright.route.fallbacks": "Candidates of a route that were asked and gave no answer.",
  "millwright.route.escalations": "Answers of a route of which the model was not sure enough.",
  "millwright.route.undecided":
    "Tasks of which a classifier could not tell the kind, or took too long.",
  "millwright.route.breaker.open":
    "1 while a deployment is asked after all others, because it fails.",
  "millwright.route.shadow.requests":
    "Tasks that a shadow was to be asked as well, by what became of that.",
  "millwright.route.shadow.equal": "Answers of a shadow that were the same, to the letter.",
  "millwright.route.shadow.distance":
    "Sum of the edit distances of compared answers, each as a share of the longer text.",
} as const;

/** Names come and go with plans: more than these are not told apart any more. */
const MOST_KINDS = 2_000;

export class RouteCounts {
  readonly #known = new Map<string, { readonly count: RouteCount; value: number }>();

  answered({ name, rule, tried = [], escalated, evidence }: Trace, deployment: string): void {
    this.#add("millwright.route.requests", { route: name, rule, deployment });
    for (const { deployment: failed, code } of tried)
      this.#add("millwright.route.fallbacks", { route: name, deployment: failed, code });
    if (escalated !== undefined)
      this.#add("millwright.route.escalations", { route: name, deployment: escalated.from });
    for (const ruling of evidence?.rulings ?? [])
      if ("none" in ruling)
        this.#add("millwright.route.undecided", {
          route: name,
          rule: ruling.rule,
          why: ruling.none,
        });
  }

  shadowed(route: string, shadow: string, outcome: ShadowOutcome, found?: Comparison): void {
    this.#add("millwright.route.shadow.requests", { route, shadow, outcome });
    if (found === undefined) return;
    this.#add("millwright.route.shadow.equal", { route, shadow }, found.equal ? 1 : 0);
    this.#add("millwright.route.shadow.distance", { route, shadow }, found.distance);
  }

  get all(): readonly RouteCount[] {
    return [...this.#known.values()].map(({ count, value }) => ({ ...count, value }));
  }

  #add(what: RouteCount["what"], labels: RouteCount["labels"], amount = 1): void {
    const key = JSON.stringify([what, labels]);
    const known = this.#known.get(key);
    if (known === undefined && this.#known.size >= MOST_KINDS) return;
    const kept = known ?? { count: { what, labels, value: 0 }, value: 0 };
    kept.value += amount;
    this.#known.set(key, kept);
  }
}
