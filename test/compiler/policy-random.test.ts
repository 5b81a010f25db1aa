/** Random expressions: what passes the check of types evaluates, and to what the library's own evaluator says. */
import { expect, test } from "vitest";
import { runnable } from "../../compiler/cel/evaluate.ts";
import { Failed } from "../../compiler/cel/failed.ts";
import { celLibrary } from "../../compiler/cel/library.ts";
import { parseExpression } from "../../compiler/cel/parse.ts";
import { typeCheck } from "../../compiler/cel/type-check.ts";
import type { Value } from "../../compiler/cel/value.ts";
import { typesOfPolicies, variablesOf } from "../../compiler/policy/variables.ts";
import { newWorld } from "../../compiler/policy/world.ts";
import { base, definitionsIn } from "./policy-kit.ts";

const EXPRESSIONS = 3000;

/** An expression of many kinds of part, most of them of fitting types. */
function expressions(): readonly string[] {
  let seed = 20_261_123;
  const below = (end: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % end;
  };
  const one = (...all: readonly string[]): string => all[below(all.length)] ?? "";
  const int = (depth: number): string =>
    depth <= 0
      ? one("0", "1", "-3", "self.replicas", "self.context", "size(self.name)")
      : one(
          `(${int(depth - 1)} ${one("+", "-", "*", "/", "%")} ${int(depth - 1)})`,
          `(${truth(depth - 1)} ? ${int(depth - 1)} : ${int(depth - 1)})`,
          `${list(depth - 1)}.size()`,
          `${list(depth - 1)}[${int(depth - 1)}]`,
          // Not of an empty text, of which the library makes 0.
          `int(${one("'12'", "'x'", `string(${int(depth - 1)})`)})`,
        );
  const text = (depth: number): string =>
    depth <= 0
      ? one("'a'", "''", "'triage'", "self.name", "self.factory", "self.spread", "self.model")
      : one(
          `(${text(depth - 1)} + ${text(depth - 1)})`,
          `string(${int(depth - 1)})`,
          "definitions.fleet.name",
        );
  const list = (depth: number): string =>
    depth <= 0
      ? one("[]", "[1, 2, 3]", "[self.replicas, 7]")
      : one(
          `${list(depth - 1)}.map(n, n * ${int(depth - 1)})`,
          `${list(depth - 1)}.filter(n, n > ${int(depth - 1)})`,
          `(${list(depth - 1)} + [${int(depth - 1)}])`,
          `${list(depth - 1)}.map(n, n < 3, n + 1)`,
        );
  const truth = (depth: number): string =>
    depth <= 0
      ? one("true", "false", "has(self.spread)", "self.replicas == 2", "has(definitions.hosts.one)")
      : one(
          `(${truth(depth - 1)} ${one("&&", "||", "==", "!=")} ${truth(depth - 1)})`,
          `!${truth(depth - 1)}`,
          `(${int(depth - 1)} ${one("<", "<=", ">", ">=", "==", "!=", "in")} ${one(int(depth - 1), "1.5", list(depth - 1))})`,
          `${text(depth - 1)}.${one("startsWith", "endsWith", "contains", "matches")}(${text(depth - 1)})`,
          `${list(depth - 1)}.${one("all", "exists", "exists_one")}(n, n ${one(">", "==")} ${int(depth - 1)})`,
          `(${text(depth - 1)} in definitions.hosts)`,
          `definitions.hosts.${one("all", "exists")}(h, definitions.hosts[h].site == ${text(depth - 1)})`,
          `(${text(depth - 1)} ${one("<", "==", "+")} ${one(text(depth - 1), int(depth - 1))})`,
        );
  return Array.from({ length: EXPRESSIONS }, () => truth(1 + below(4)));
}

const types = typesOfPolicies();
const variables = variablesOf("deployment", types);
const definitions = definitionsIn(base);
const world = newWorld(types);
const self = world.things(definitions, "deployment").get("triage")?.value() ?? null;
const everything = world.everything(definitions);
const slots = [...variables.keys()].map((name) => (name === "definitions" ? everything : self));

/** As text, with lists by what they hold; `undefined` where there is no value. */
function shown(value: unknown): string | undefined {
  if (value instanceof Error || value instanceof Failed) return undefined;
  return typeof value === "bigint" ? `${value}n` : String(value);
}

interface Outcome {
  readonly expr: string;
  readonly slips: number;
  readonly value: Value | Failed;
  readonly theirs: string | undefined;
}

const outcomes = expressions().map((expr): Outcome => {
  const parsed = parseExpression(expr);
  if (!parsed.ok) throw new Error(`${expr}: ${parsed.slip.message}`);
  const { slips } = typeCheck(parsed.node, variables);
  const value = runnable(parsed.node, [...variables.keys()])([...slots], { left: 1e7 });
  // Maps, lists and bigints are what the library takes as well.
  const bound: Record<string, unknown> = { self, definitions: everything };
  const theirs: unknown = Reflect.apply(celLibrary().run, undefined, [expr, bound]);
  return { expr, slips: slips.length, value, theirs: shown(theirs) };
});

test("each has the value that the library gives it, or none where it has none", () => {
  const different = outcomes.filter(({ value, theirs }) => shown(value) !== theirs);
  expect(different.map(({ expr, value, theirs }) => [expr, shown(value), theirs])).toEqual([]);
  // Both are frequent: a comparison of nothing with nothing would prove nothing.
  const failing = outcomes.filter(({ value }) => value instanceof Failed).length;
  expect(failing).toBeGreaterThan(EXPRESSIONS / 20);
  expect(failing).toBeLessThan(EXPRESSIONS * 0.8);
});

test("what passes the check of types fails, if at all, for what no type tells", () => {
  const untold =
    /^(\w+ is not there|a division by zero|the number is beyond 64 bits|the list has |".*" is no |the pattern is none)/;
  // What an empty list would hold may be anything.
  const sound = outcomes.filter(({ slips, expr }) => slips === 0 && !expr.includes("[]"));
  const surprised = sound.flatMap(({ expr, value }) =>
    value instanceof Failed && !untold.test(value.message) ? [[expr, value.message]] : [],
  );
  expect(surprised).toEqual([]);
  expect(sound.length).toBeGreaterThan(EXPRESSIONS / 4);
  expect(sound.length).toBeLessThan(EXPRESSIONS);
});
