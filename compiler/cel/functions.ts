import { calculations } from "./calculations.ts";
import { conversions } from "./conversions.ts";
import { type Meter, spend } from "./meter.ts";
import type { Overload } from "./overload.ts";
import { matches } from "./regex.ts";
import { durationParts, timestampParts } from "./time.ts";
import { any, bool, duration, int, listOf, mapOf, string, type Type, timestamp } from "./type.ts";
import { isList, isMap, type Value } from "./value.ts";

const map = mapOf(any, any);

function sizeOf(value: Value, meter: Meter): bigint {
  if (typeof value === "string") {
    spend(meter, value.length >> 3);
    let points = 0;
    for (const _ of value) points += 1;
    return BigInt(points);
  }
  if (isList(value)) return BigInt(value.length);
  return BigInt(isMap(value) ? value.size : 0);
}

const sizes = [string, listOf(any), map].flatMap((type): Overload[] =>
  [false, true].map((method) => ({
    method,
    takes: [type],
    gives: int,
    apply: ([value = null], meter) => sizeOf(value, meter),
  })),
);

function onTexts(apply: (text: string, part: string) => boolean): Overload[] {
  return [
    {
      method: true,
      takes: [string, string],
      gives: bool,
      apply: ([text, part], meter) => {
        if (typeof text !== "string" || typeof part !== "string") return false;
        spend(meter, (text.length + part.length) >> 3);
        return apply(text, part);
      },
    },
  ];
}

function part(of: Type, apply: (ns: bigint) => bigint): Overload {
  return {
    method: true,
    takes: [of],
    gives: int,
    apply: ([value]) =>
      typeof value === "object" && value !== null && "ns" in value ? apply(value.ns) : 0n,
  };
}

const timeParts = Object.entries(timestampParts).map(([name, read]): [string, Overload[]] => {
  const unit = durationParts[name];
  return [
    name,
    [
      part(timestamp, (ns) => BigInt(read(new Date(Number(ns / 1_000_000n))))),
      ...(unit === undefined ? [] : [part(duration, (ns) => ns / unit)]),
    ],
  ];
});

const regexes = [false, true].map(
  (method): Overload => ({
    method,
    takes: [string, string],
    gives: bool,
    apply: ([text, pattern], meter) =>
      typeof text === "string" && typeof pattern === "string" && matches(text, pattern, meter),
  }),
);

/** All functions and operators but those that are not like functions: `&&`, `||`, `?:`, `==`, `in`, `[]`. */
export const functions: ReadonlyMap<string, readonly Overload[]> = new Map([
  ...calculations,
  ...conversions,
  ["size", sizes],
  ["startsWith", onTexts((text, start) => text.startsWith(start))],
  ["endsWith", onTexts((text, end) => text.endsWith(end))],
  ["contains", onTexts((text, inside) => text.includes(inside))],
  ["matches", regexes],
  ...timeParts,
]);
