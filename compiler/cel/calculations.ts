import { type Meter, spend } from "./meter.ts";
import { type Overload, Wrong } from "./overload.ts";
import { inRange } from "./time.ts";
import { any, bool, double, duration, int, listOf, string, type Type, timestamp } from "./type.ts";
import { isList, isNumeric, type Value } from "./value.ts";

/** UTF-16 units of one text, and items of one list. */
const LONGEST = 1_000_000;

const LEAST_INT = -(2n ** 63n);

const overflow = new Wrong("the number is beyond 64 bits", "calculate with doubles: double(x)");
const beyond = new Wrong(
  "a time beyond what CEL counts",
  "stay within some 290 years of each other",
);
const divided = new Wrong("a division by zero", "test the divisor first: x == 0 || …");
const tooLong = new Wrong(`more than ${LONGEST} characters or items`, "join less");

function ofInts(apply: (a: bigint, b: bigint) => bigint | Wrong): Overload {
  return over(int, int, int, (a, b) => {
    if (typeof a !== "bigint" || typeof b !== "bigint") return overflow;
    const result = apply(a, b);
    return typeof result === "bigint" && BigInt.asIntN(64, result) !== result ? overflow : result;
  });
}

function ofDoubles(apply: (a: number, b: number) => number): Overload {
  return over(double, double, double, (a, b) =>
    typeof a === "number" && typeof b === "number" ? apply(a, b) : overflow,
  );
}

function over(
  left: Type,
  right: Type,
  gives: Type,
  apply: (a: Value, b: Value, meter: Meter) => Value | Wrong,
): Overload {
  return {
    method: false,
    takes: [left, right],
    gives,
    apply: ([a = null, b = null], meter) => apply(a, b, meter),
  };
}

const times = { duration, timestamp } as const;

/** What comes of two times: `sign` is what the second counts as. */
function ofTimes(
  left: keyof typeof times,
  right: keyof typeof times,
  gives: keyof typeof times,
  sign: bigint,
): Overload {
  return over(times[left], times[right], times[gives], (a, b) => {
    const time = { kind: gives, ns: nsOf(a) + sign * nsOf(b) };
    return inRange(time) ? time : beyond;
  });
}

function nsOf(value: Value): bigint {
  return typeof value === "object" && value !== null && "ns" in value ? value.ns : 0n;
}

const joins = [
  over(string, string, string, (a, b, meter) => {
    const text = `${a}${b}`;
    if (text.length > LONGEST) return tooLong;
    spend(meter, text.length >> 3);
    return text;
  }),
  over(listOf(any), listOf(any), listOf(any), (a, b, meter) => {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return tooLong;
    if (!isList(a) || !isList(b) || a.length + b.length > LONGEST) return tooLong;
    spend(meter, a.length + b.length);
    return [...a, ...b];
  }),
];

function orderIn(a: bigint | number, b: bigint | number): number | undefined {
  return a < b ? -1 : a > b ? 1 : a <= b ? 0 : undefined;
}

function orderOf(a: Value, b: Value): number | undefined {
  // Two kinds of number are compared as doubles, as CEL has it.
  if (isNumeric(a) && isNumeric(b))
    return typeof a === typeof b ? orderIn(a, b) : orderIn(Number(a), Number(b));
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  const [left, right] = [nsOf(a), nsOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const ordered: readonly (readonly [Type, Type])[] = [
  [int, int],
  [double, double],
  [int, double],
  [double, int],
  [string, string],
  [bool, bool],
  [duration, duration],
  [timestamp, timestamp],
];

/** A comparison. What has no order, as NaN, is neither less nor more. */
function comparison(holds: (order: number) => boolean): Overload[] {
  return ordered.map(([left, right]) =>
    over(left, right, bool, (a, b, meter) => {
      if (typeof a === "string") spend(meter, a.length >> 3);
      const order = orderOf(a, b);
      return order !== undefined && holds(order);
    }),
  );
}

function single(type: Type, apply: (value: Value) => Value | Wrong): Overload {
  return { method: false, takes: [type], gives: type, apply: ([value = null]) => apply(value) };
}

/** Operators, by the names that the parser gives them. */
export const calculations: readonly (readonly [string, readonly Overload[]])[] = [
  [
    "_+_",
    [
      ofInts((a, b) => a + b),
      ofDoubles((a, b) => a + b),
      ...joins,
      ofTimes("duration", "duration", "duration", 1n),
      ofTimes("timestamp", "duration", "timestamp", 1n),
      ofTimes("duration", "timestamp", "timestamp", 1n),
    ],
  ],
  [
    "_-_",
    [
      ofInts((a, b) => a - b),
      ofDoubles((a, b) => a - b),
      ofTimes("duration", "duration", "duration", -1n),
      ofTimes("timestamp", "duration", "timestamp", -1n),
      ofTimes("timestamp", "timestamp", "duration", -1n),
    ],
  ],
  ["_*_", [ofInts((a, b) => a * b), ofDoubles((a, b) => a * b)]],
  ["_/_", [ofInts((a, b) => (b === 0n ? divided : a / b)), ofDoubles((a, b) => a / b)]],
  ["_%_", [ofInts((a, b) => (b === 0n ? divided : a % b))]],
  [
    "-_",
    [
      single(int, (value) => (typeof value === "bigint" && value > LEAST_INT ? -value : overflow)),
      single(double, (value) => (typeof value === "number" ? -value : overflow)),
      single(duration, (value) => ({ kind: "duration", ns: -nsOf(value) })),
    ],
  ],
  ["!_", [single(bool, (value) => value !== true)]],
  ["_<_", comparison((order) => order < 0)],
  ["_<=_", comparison((order) => order <= 0)],
  ["_>_", comparison((order) => order > 0)],
  ["_>=_", comparison((order) => order >= 0)],
];
