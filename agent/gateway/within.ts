import type { IncomingHttpHeaders } from "node:http";

/** A day: longer is as good as for ever. */
const MOST_S = 86_400;

/**
 * How long a caller waits for the whole answer, in milliseconds; absent: for as long as it takes. `Prefer: wait=30`
 * (RFC 7240, section 4.3), or what OpenAI's clients say of their own time limit, after which they hang up anyway.
 */
export function withinOf(headers: IncomingHttpHeaders): number | undefined {
  const preferred = [headers["prefer"]].flat().join(",");
  const [, wait] = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(preferred) ?? [];
  const own = [headers["x-stainless-timeout"]].flat()[0];
  const limits = [wait, own]
    .map(Number)
    .filter((seconds) => Number.isFinite(seconds) && seconds > 0 && seconds <= MOST_S);
  return limits.length === 0 ? undefined : Math.min(...limits) * 1_000;
}
