import { type Overload, Wrong } from "./overload.ts";
import { parseCelDuration, parseTimestamp } from "./time.ts";
import { any, bool, double, duration, int, string, type Type, timestamp } from "./type.ts";
import { isNumeric, type Value } from "./value.ts";

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** Functions that make one type of another. */
export const conversions: readonly (readonly [string, readonly Overload[]])[] = [
  ["int", from([int, double, string], int, toInt)],
  ["double", from([int, double, string], double, toDouble)],
  ["string", from([int, double, string, bool], string, (value) => String(value))],
  ["bool", from([bool, string], bool, toBool)],
  ["duration", from([string, duration], duration, toDuration)],
  ["timestamp", from([string, timestamp], timestamp, toTimestamp)],
  ["dyn", from([any], any, (value) => value)],
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
  const whole =
    typeof value === "bigint"
      ? value
      : typeof value === "number" && Number.isFinite(value)
        ? BigInt(Math.trunc(value))
        : typeof value === "string" && /^-?\d{1,19}$/.test(value)
          ? BigInt(value)
          : undefined;
  return whole === undefined || whole < LEAST || whole > MOST ? undefined : whole;
}

function toDouble(value: Value): number | undefined {
  if (isNumeric(value)) return Number(value);
  return typeof value === "string" && /^-?\d{1,400}(\.\d{1,400})?(e[+-]?\d{1,4})?$/i.test(value)
    ? Number(value)
    : undefined;
}

function toBool(value: Value): boolean | undefined {
  if (typeof value === "boolean") return value;
  return value === "true" ? true : value === "false" ? false : undefined;
}

function toDuration(value: Value): Value | undefined {
  return typeof value === "string" ? parseCelDuration(value) : value;
}

function toTimestamp(value: Value): Value | undefined {
  return typeof value === "string" ? parseTimestamp(value) : value;
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
