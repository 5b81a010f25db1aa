import { type Overload, Wrong } from "./overload.ts";
import { inRange, parseCelDuration, parseTimestamp, showDuration, showTimestamp } from "./time.ts";
import { any, bool, double, duration, int, string, type Type, timestamp } from "./type.ts";
import { type Duration, isNumeric, type Timestamp, type Value } from "./value.ts";

const GIB = 1024n ** 3n;

/** Functions that make one type of another. */
export const conversions: readonly (readonly [string, readonly Overload[]])[] = [
  ["int", from([int, double, string, timestamp], int, toInt)],
  ["double", from([int, double, string], double, toDouble)],
  ["string", from([int, double, string, bool, duration, timestamp], string, toText)],
  ["bool", from([bool, string], bool, toBool)],
  ["duration", from([string, duration], duration, toDuration)],
  ["timestamp", from([int, string, timestamp], timestamp, toTimestamp)],
  ["dyn", from([any], any, (value) => value)],
  ["gib", from([int, double], int, toBytes)],
];

function from(
  types: readonly Type[],
  gives: Type,
  apply: (value: Value) => Value | undefined,
): readonly Overload[] {
  return types.map((type) => ({
    method: false,
    takes: [type],
    gives,
    apply: ([value = null]) =>
      apply(value) ??
      (value === null ? null : new Wrong(`${shown(value)} is no ${gives.kind}`, cureOf(gives))),
  }));
}

function toInt(value: Value): bigint | undefined {
  if (typeof value === "number")
    return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : undefined;
  if (typeof value === "string") {
    const whole = /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
    return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined;
  }
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : undefined;
  return isTime(value) ? value.ns / 1_000_000_000n : undefined;
}

/** So many gibibytes, in bytes: memory is counted so. */
function toBytes(value: Value): bigint | undefined {
  return toInt(typeof value === "bigint" ? value * GIB : Number(value) * Number(GIB));
}

function toText(value: Value): string {
  if (!isTime(value)) return String(value);
  return value.kind === "duration" ? showDuration(value) : showTimestamp(value);
}

function isTime(value: Value): value is Duration | Timestamp {
  return typeof value === "object" && value !== null && "ns" in value;
}

function toDouble(value: Value): number | undefined {
  if (isNumeric(value)) return Number(value);
  return typeof value === "string" && /^-?\d{1,400}(\.\d{1,400})?(e[+-]?\d{1,4})?$/i.test(value)
    ? Number(value)
    : undefined;
}

function toBool(value: Value): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return undefined;
  // The spellings of the specification, and no others.
  if (/^(true|TRUE|True|t|1)$/.test(value)) return true;
  return /^(false|FALSE|False|f|0)$/.test(value) ? false : undefined;
}

function toDuration(value: Value): Value | undefined {
  return typeof value === "string" ? parseCelDuration(value) : value;
}

function toTimestamp(value: Value): Value | undefined {
  if (typeof value === "string") return parseTimestamp(value);
  return typeof value === "bigint"
    ? inRange({ kind: "timestamp", ns: value * 1_000_000_000n })
    : value;
}

function shown(value: Value): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : String(value).slice(0, 40);
}

function cureOf({ kind }: Type): string {
  switch (kind) {
    case "duration":
      return "write an amount and a unit: 90d, 1h30m, 500ms";
    case "timestamp":
      return "write it as 2026-01-31T08:00:00Z";
    default:
      return "test what it is first";
  }
}
