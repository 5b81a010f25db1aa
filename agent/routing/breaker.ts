/**
 * Whether a deployment is worth asking.
 *
 *   closed ──failed often──▶ open ──due, asked──▶ trying ──answered──▶ closed
 *                             ▲                     │ failed
 *                             └──── twice as long ──┘
 */
export type Breaker =
  /** When it failed lately. */
  | { readonly kind: "closed"; readonly failures: readonly number[] }
  | { readonly kind: "open"; readonly until: number; readonly waitMs: number }
  /** One request finds out. */
  | { readonly kind: "trying"; readonly until: number; readonly waitMs: number };

/** `failed`: the engine was lost, failed, or took too long; never that the caller erred or went away. */
export type BreakerEvent = "asked" | "answered" | "failed";

/** So many failures within a window, without an answer between them, open it. */
const FAILURES = 5;
const WINDOW_MS = 30_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;
/** A request that finds out and is not heard of again must not keep others away for ever. */
const TRIAL_MS = 60_000;

export const closed: Breaker = { kind: "closed", failures: [] };

export function next(breaker: Breaker, event: BreakerEvent, now: number): Breaker {
  switch (event) {
    case "answered":
      return breaker.kind === "closed" && breaker.failures.length === 0 ? breaker : closed;
    case "asked":
      return breaker.kind !== "closed" && now >= breaker.until
        ? { kind: "trying", until: now + TRIAL_MS, waitMs: breaker.waitMs }
        : breaker;
    case "failed": {
      // Asked as a last resort, or before it opened: that is known already.
      if (breaker.kind === "open") return breaker;
      if (breaker.kind === "trying") {
        const waitMs = Math.min(LONGEST_WAIT_MS, breaker.waitMs * 2);
        return { kind: "open", until: now + waitMs, waitMs };
      }
      const failures = [...breaker.failures.filter((at) => now - at < WINDOW_MS), now];
      return failures.length < FAILURES
        ? { kind: "closed", failures }
        : { kind: "open", until: now + FIRST_WAIT_MS, waitMs: FIRST_WAIT_MS };
    }
  }
}

/** Whether others are asked first. */
export function isOpen(breaker: Breaker, now: number): boolean {
  return breaker.kind !== "closed" && now < breaker.until;
}

/** What is known of all deployments. */
export interface Breakers {
  note(deployment: string, event: BreakerEvent, now: number): void;
  open(now: number): readonly string[];
}

/** Names come and go with plans: those of which nothing bad is known are forgotten. */
export function breakersOf(): Breakers {
  const known = new Map<string, Breaker>();
  return {
    note(deployment, event, now) {
      const after = next(known.get(deployment) ?? closed, event, now);
      if (after === closed) known.delete(deployment);
      else known.set(deployment, after);
    },
    open: (now) => [...known].flatMap(([name, breaker]) => (isOpen(breaker, now) ? [name] : [])),
  };
}
