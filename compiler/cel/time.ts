import type { Duration, Timestamp } from "./value.ts";

const BILLION = 1_000_000_000n;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: BILLION,
  m: 60n * BILLION,
  h: 3_600n * BILLION,
  // CEL ends at hours. Definitions say days.
  d: 86_400n * BILLION,
};
const DURATION = /^(-?)((?:\d{1,15}(?:\.\d{1,9})?(?:ns|us|ms|s|m|h|d))+)$/;

/** `1h30m`, `1.5s`, `90d`. */
export function parseCelDuration(text: string): Duration | undefined {
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let ns = 0n;
  for (const [, whole = "0", fraction = "", unit = ""] of parts.matchAll(
    /(\d+)(?:\.(\d+))?([a-z]+)/g,
  )) {
    const of = units[unit] ?? 0n;
    ns += BigInt(whole) * of + (BigInt(fraction.padEnd(9, "0")) * of) / BILLION;
  }
  return inRange({ kind: "duration", ns: sign === "-" ? -ns : ns });
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const [, seconds = "", fraction = "", zone = ""] = TIMESTAMP.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return inRange({
    kind: "timestamp",
    ns: BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0")),
  });
}

// As the specification bounds them: 64 bits of nanoseconds, and the years 1 to 9999.
const LONGEST = 2n ** 63n;
const FIRST = BigInt(Date.parse("0001-01-01T00:00:00Z")) * 1_000_000n;
const END = BigInt(Date.parse("9999-12-31T23:59:59Z")) * 1_000_000n + BILLION;

/** The time itself, when it is one that CEL counts. */
export function inRange<T extends Duration | Timestamp>(time: T): T | undefined {
  const { kind, ns } = time;
  const counted = kind === "duration" ? ns > -LONGEST && ns < LONGEST : ns >= FIRST && ns < END;
  return counted ? time : undefined;
}

/** `12.5s`, as CEL writes durations. */
export function showDuration({ ns }: Duration): string {
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  return `${sign}${size / BILLION}${fractionOf(size % BILLION)}s`;
}

export function showTimestamp({ ns }: Timestamp): string {
  const within = ((ns % BILLION) + BILLION) % BILLION;
  const seconds = new Date(Number((ns - within) / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}${fractionOf(within)}Z`;
}

function fractionOf(ns: bigint): string {
  return ns === 0n ? "" : `.${String(ns).padStart(9, "0").replace(/0+$/, "")}`;
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
