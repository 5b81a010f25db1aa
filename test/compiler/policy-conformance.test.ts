import { expect, test } from "vitest";
import { runnable } from "../../compiler/cel/evaluate.ts";
import { Failed } from "../../compiler/cel/failed.ts";
import { parseExpression } from "../../compiler/cel/parse.ts";
import { typeCheck } from "../../compiler/cel/type-check.ts";
import type { Value } from "../../compiler/cel/value.ts";
import { conformance } from "./policy-conformance-kit.ts";

const all = conformance();

/** Where we say no and the specification does not: parts of instants in other time zones than UTC. */
const withoutZones = (name: string) => name.startsWith("timestamps/timestamp_selectors_tz/");

/** What a checker may refuse although evaluation has a value: the suite says so by not checking these. */
const refusedByTypes = [
  "basic/functions/unbound_is_runtime_error",
  "basic/variables/unbound_is_runtime_error",
  "comparisons/eq_literal/not_eq_list_length",
  "logic/AND/short_circuit_type_left",
  "logic/AND/short_circuit_type_right",
  "logic/OR/short_circuit_type_left",
  "logic/OR/short_circuit_type_right",
];

test("CEL's own conformance tests evaluate as the specification says", () => {
  const wrong = all
    .filter(({ name }) => !withoutZones(name))
    .map(({ name, expr, wanted }) => ({ name, expr, wanted, got: evaluated(expr) }))
    .filter(({ wanted, got }) => wanted !== got);
  expect(wrong).toEqual([]);
  expect(all.length).toBeGreaterThan(650);
});

test("what evaluates to something passes the check of types", () => {
  const refused = all.filter(({ expr, wanted }) => wanted !== undefined && slipsIn(expr) > 0);
  const names = refused
    .map(({ name }) => name)
    .filter((name) => !withoutZones(name) && !name.startsWith("parse/receiver_function_names/"));
  expect(names.sort()).toEqual(refusedByTypes);
});

function evaluated(expr: string): string | undefined {
  const parsed = parseExpression(expr);
  if (!parsed.ok) return undefined;
  const value = runnable(parsed.node, [])([], { left: 1e6 });
  return value instanceof Failed ? undefined : shown(value);
}

function slipsIn(expr: string): number {
  const parsed = parseExpression(expr);
  return parsed.ok ? typeCheck(parsed.node, new Map()).slips.length : 1;
}

function shown(value: Value): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "0" : String(value);
}
