import { MAX_WINDOW_MS } from "@millwright/schema/opamp";
import type { Chance } from "../life/life.ts";

const FIRST_MS = 500;
const CEILING_MS = 60_000;
/** No hub may silence a host for longer. */
const MAX_RETRY_AFTER_MS = 600_000;
/** No wait is longer, even when the clock was set back in the middle of it. */
export const MAX_WAIT_MS: number = MAX_RETRY_AFTER_MS + MAX_WINDOW_MS;

/**
 * Full jitter, also at the ceiling: ten thousand agents that lost one hub must not come back together.
 * What the hub asked for comes on top, for the same reason. `windowMs`: over how long the hub wants its hosts to
 * spread; it makes the wait after a lost connection longer, never shorter.
 */
export function delayMs(
  attempt: number,
  retryAfterMs: number,
  chance: Chance,
  windowMs = 0,
): number {
  const backoff = Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(Math.max(attempt, 0), 20));
  // Silencing: whatever a hub says, its hosts come back.
  const ceiling = Math.max(backoff, Math.min(windowMs, MAX_WINDOW_MS));
  const asked = Math.min(Math.max(retryAfterMs, 0), MAX_RETRY_AFTER_MS);
  return asked + chance.fraction() * ceiling;
}

/** `Retry-After` of RFC 9110, section 10.2.3, in milliseconds from `now`: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
