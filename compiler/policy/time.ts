import type { Duration, Timestamp } from "./value.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  // CEL ends at hours. Definitions say days.
  d: 86_400e9,
};
const DURATION = /^(-?)((?:\d{1,15}(?:\.\d{1,9})?(?:ns|us|ms|s|m|h|d))+)$/;

/** `1h30m`, `1.5s`, `90d`. */
export function parseCelDuration(text: string): Duration | undefined {
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let ns = 0;
  for (const [, amount, unit = ""] of parts.matchAll(/([\d.]+)([a-z]+)/g))
    ns += Number(amount) * (units[unit] ?? 0);
  if (!(ns <= 1e26)) return undefined;
  const whole = BigInt(Math.round(ns));
  return { kind: "duration", ns: sign === "-" ? -whole : whole };
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** RFC 3339. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const ms = TIMESTAMP.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : { kind: "timestamp", ns: BigInt(ms) * 1_000_000n };
}

/** Parts of an instant, in UTC, by the names that CEL gives them. */
export const timestampParts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: (date) =>
    Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

/** How many nanoseconds the parts of a duration are counted in. */
export const durationParts: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};
