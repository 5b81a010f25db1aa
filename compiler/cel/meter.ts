/** What evaluating one policy may still cost. */
export interface Meter {
  left: number;
}

/** Thrown through an evaluation that costs too much: no part of it, `||` neither, may go on. */
export class Exhausted extends Error {}

/** Steps of one policy, for all that it judges: a second or so. */
export const POLICY_STEPS = 15_000_000;

/** Steps of all policies together, so that no number of them is too many. */
export const TOTAL_STEPS = 30_000_000;

export function spend(meter: Meter, steps: number): void {
  meter.left -= steps;
  if (meter.left < 0) throw new Exhausted("the steps of the policy are used up");
}
