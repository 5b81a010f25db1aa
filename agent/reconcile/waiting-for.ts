import { type HostPlan, unacknowledged } from "@millwright/schema";
import { frozenUntil } from "./frozen-until.ts";

/** What keeps a host from taking a proved plan: a code, what people read, and when it ends by itself. */
export interface Waiting {
  readonly code: "reconcile/held" | "reconcile/frozen" | "reconcile/protected";
  readonly severity: "info" | "error";
  readonly why: string;
  /** Milliseconds since the Unix epoch; absent where only another plan ends it. */
  readonly until?: number;
}

/**
 * Why the newest plan waits; `undefined` when it may be taken. A hold counts as soon as it is signed: it is there to stop
 * what comes. Windows and protection count as the plan has them that runs: what comes must not lift them for itself.
 */
export function waitingFor(
  newest: HostPlan,
  running: HostPlan | undefined,
  now: number,
): Waiting | undefined {
  if (newest.hold !== undefined)
    return {
      code: "reconcile/held",
      severity: "info",
      why: `it is on hold (${newest.hold}) until a revision comes without that`,
    };
  const open = frozenUntil(running?.freeze, now);
  if (open !== undefined)
    return {
      code: "reconcile/frozen",
      severity: "info",
      why: `the freeze window ${open.name} is open until ${new Date(open.until).toISOString()}`,
      until: open.until,
    };
  const lost = running === undefined ? [] : unacknowledged(running, newest);
  if (lost.length === 0) return undefined;
  return {
    code: "reconcile/protected",
    severity: "error",
    why: `it takes away ${lost.join(", ")}, which the running plan protects. If that is meant, name it under retired, of the fleet or of this host, and release again`,
  };
}
