/**
 * What is wrong with this host, before anybody has to ask.
 *
 * In: a state folder. Out: findings, each ok, warn or fail with what to do next, in a fixed order.
 * Promise: it changes nothing; checks run side by side, each with a time limit, and none keeps another from being told.
 */
import { checkAgent } from "./agent.ts";
import { checkClock } from "./clock.ts";
import { checkDisk } from "./disk.ts";
import { checkDriver } from "./driver.ts";
import { checkEngine } from "./engine.ts";
import type { Check, Finding, Patient } from "./finding.ts";
import { checkHub } from "./hub.ts";
import { checkKeys } from "./keys.ts";
import { checkPorts } from "./ports.ts";
import { checkService } from "./run-by.ts";
import { checkSlots } from "./slots.ts";
import { within } from "./within.ts";

export type { Finding, Patient } from "./finding.ts";

/** Each with how long it may take. */
const checks: Readonly<Record<string, { readonly limitMs: number; readonly check: Check }>> = {
  driver: { limitMs: 15_000, check: checkDriver },
  disk: { limitMs: 10_000, check: checkDisk },
  keys: { limitMs: 10_000, check: checkKeys },
  clock: { limitMs: 10_000, check: checkClock },
  hub: { limitMs: 15_000, check: checkHub },
  agent: { limitMs: 10_000, check: checkAgent },
  ports: { limitMs: 10_000, check: checkPorts },
  engine: { limitMs: 30_000, check: checkEngine },
  service: { limitMs: 10_000, check: checkService },
  version: { limitMs: 10_000, check: checkSlots },
};

/** Looks at everything. Throws only when `signal` aborts. */
export async function examine(patient: Patient, signal: AbortSignal): Promise<readonly Finding[]> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, { limitMs, check }]) => {
      const symptoms = await within(limitMs, (limit) => check(patient, limit), signal);
      return symptoms.map((symptom) => ({ check: name, ...symptom }));
    }),
  );
  signal.throwIfAborted();
  return found.flat();
}
