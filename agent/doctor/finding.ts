import type { Chance, Clock } from "../life/life.ts";

/** What a check saw. */
export type Symptom =
  | { readonly status: "ok"; readonly message: string }
  /** It works, and will not for long, or not well. */
  | { readonly status: "warn"; readonly message: string; readonly cure: string }
  | { readonly status: "fail"; readonly message: string; readonly cure: string };

export type Finding = Symptom & { readonly check: string };

/** The host that is looked at. */
export interface Patient {
  /** The state folder. */
  readonly state: string;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** Looks at one thing. What it throws becomes a finding. */
export type Check = (patient: Patient, signal: AbortSignal) => Promise<readonly Symptom[]>;

export function ok(message: string): Symptom {
  return { status: "ok", message };
}

export function warn(message: string, cure: string): Symptom {
  return { status: "warn", message, cure };
}

export function fail(message: string, cure: string): Symptom {
  return { status: "fail", message, cure };
}
