/**
 * Lets through so many a second, and no burst larger than that.
 *
 * Hosts with running work go first: of a full second a quarter is kept for them. They cannot keep the others out: of
 * those, one in five of what goes through may always pass. Whoever is turned away is told when there will be room,
 * by how many were turned away before it.
 */
export interface Throttle {
  /** `isUrgent`: it has work that runs. Whoever says so wrongly gains a place in the queue and nothing else. */
  admit(now: number, isUrgent: boolean): Passage;
}

export type Passage =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfterSeconds: number };

const RESERVED = 1 / 4;
const ORDINARY_SHARE = 1 / 5;
/** OpAMP recommends thirty seconds at least to those who do not know better; we count who is still to come. */
const SOONEST_S = 5;
const LATEST_S = 60;

export function throttle(perSecond: number): Throttle {
  const reserved = Math.floor(perSecond * RESERVED);
  const share = Math.max(1, perSecond * ORDINARY_SHARE);
  let tokens = perSecond;
  let last = 0;
  /** What ordinary hosts may still pass on, whoever else is there. */
  let credit = 0;
  let away = 0;
  return {
    admit(now, isUrgent) {
      const passed = Math.max(0, now - last);
      last = now;
      tokens = Math.min(perSecond, tokens + (passed / 1000) * perSecond);
      if (tokens === perSecond) away = 0;
      credit = Math.min(share, credit + (passed / 1000) * perSecond * ORDINARY_SHARE);
      // Starvation: urgent hosts without end must not keep the others out.
      const hasTurn = !isUrgent && credit >= 1;
      if (tokens - 1 >= (isUrgent ? 0 : reserved) || hasTurn) {
        tokens -= 1;
        away = Math.max(0, away - 1);
        if (!isUrgent) credit = Math.max(0, credit - 1);
        return { ok: true };
      }
      away += 1;
      const seconds = Math.ceil(away / perSecond);
      return { ok: false, retryAfterSeconds: Math.min(LATEST_S, SOONEST_S - 1 + seconds) };
    },
  };
}
