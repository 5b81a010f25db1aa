import type { AgentStatus } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import { frozenUntil } from "../reconcile/reconcile.ts";
import type { VerifiedPlan } from "../trust/trust.ts";

/** An agent that has no hub for so long has to do without. */
const OFFLINE_MS = 60_000;

/** A revision that takes longer to apply may wait for the very agent that it would keep out. */
const APPLYING_MS = 900_000;

export interface Moment {
  readonly clock: Clock;
  /** The plan that the host is to be now, and the newest that was accepted. */
  readonly taken: () => VerifiedPlan | undefined;
  readonly newest: () => VerifiedPlan | undefined;
  readonly status: () => Pick<AgentStatus, "attempted">;
}

/** Why the agent may not make way for another version now; `undefined` when it may. */
export function busyWith({ clock, taken, newest, status }: Moment): () => string | undefined {
  let applying: { readonly revision: number; readonly since: number } | undefined;
  return () => {
    if (newest()?.plan.hold !== undefined) return "an operator holds this host as it is";
    const now = clock.now();
    const open = frozenUntil(taken()?.plan.freeze, now);
    if (open !== undefined)
      return `the freeze window ${open.name} is open until ${new Date(open.until).toISOString()}`;
    const { attempted } = status();
    if (attempted?.result !== "applying") {
      applying = undefined;
      return undefined;
    }
    const { revision } = attempted;
    if (applying?.revision !== revision) applying = { revision, since: now };
    return now - applying.since < APPLYING_MS ? `revision ${revision} is being applied` : undefined;
  };
}

export interface Upness {
  readonly clock: Clock;
  readonly taken: () => VerifiedPlan | undefined;
  readonly isListening: () => boolean;
  /** Calls back when a hub has answered. */
  readonly onOnline: (listener: () => void) => void;
}

/** What is missing until an agent that has just started is truly up; `undefined` when nothing is. */
export function missingOf({
  clock,
  taken,
  isListening,
  onOnline,
}: Upness): () => string | undefined {
  const startedAt = clock.now();
  let isOnline = false;
  onOnline(() => {
    isOnline = true;
  });
  return () => {
    if (taken() === undefined) return "no plan is proved";
    if (!isListening()) return "the gateway does not listen";
    const isPatient = clock.now() - startedAt < OFFLINE_MS;
    return isPatient && !isOnline ? "there is no connection to a hub yet" : undefined;
  };
}
