import { describe, expect, test } from "vitest";
import { host } from "./check-kit.ts";
import { base, holds, judged, policy } from "./policy-kit.ts";

const hosts = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`h${index}.yaml`, host(`h${index}-x`)]),
);

/** What is said of a policy over three hundred hosts. */
function codes(require: string, on = "fleet"): readonly string[] {
  return judged({ ...base, ...hosts, "rule.yaml": policy(on, require) }).map(({ code }) => code);
}

describe("an expression of somebody hostile", () => {
  test.each([
    ["brackets", `${"(".repeat(1990)}true${")".repeat(1990)}`],
    ["lists", `${"[".repeat(1990)}1${"]".repeat(1990)} == 1`],
    ["calls", `${"size(".repeat(660)}1${")".repeat(660)} == 1`],
    ["fields", `self${".a".repeat(1900)}`],
    ["sums", `1${"+1".repeat(1990)} == 1`],
    ["choices", `${"true?true:".repeat(390)}true`],
    ["items", `self${"[0]".repeat(1300)}`],
  ])("that nests %s a thousand deep is refused, and nothing breaks", (_, require) => {
    expect(holds(require)).toMatch(/^policy\/(syntax|type|error) .*(nested|more than|deep)/);
  });

  test("many conditions side by side are no nesting", () => {
    expect(holds(Array.from({ length: 200 }, () => "self.context > 1").join(" && "))).toBe(true);
  });

  test("comprehensions over all hosts, cubed, end", () => {
    const all = "definitions.hosts";
    expect(codes(`${all}.all(a, ${all}.all(b, ${all}.all(c, a + b + c != 'x')))`)).toEqual([
      "policy/too-costly",
    ]);
  });

  test("what costs too much cannot be hidden behind || or !", () => {
    const all = "definitions.hosts";
    const heavy = `${all}.all(a, ${all}.all(b, ${all}.all(c, a + b + c != 'x')))`;
    expect(codes(`${heavy} || true`)).toEqual(["policy/too-costly"]);
  });

  test("texts and lists that double do not fill the memory", () => {
    const doubled = (start: string) => `[${start}]${".map(x, x + x)".repeat(60)}.size() == 1`;
    expect(holds(doubled("'0123456789'"))).toMatch(/more than 1000000/);
    expect(holds(doubled("[1, 2, 3]"))).toMatch(/more than 1000000|takes more steps/);
  });

  test("comparing everything with everything is paid for", () => {
    expect(
      codes("definitions.hosts.all(a, definitions.hosts.all(b, definitions == definitions))"),
    ).toEqual([]);
    expect(
      codes(
        "definitions.hosts.all(a, definitions.hosts.all(b, [definitions.hosts] == [definitions.hosts] && definitions.hosts.map(x, x) == definitions.hosts.map(x, x)))",
      ),
    ).toEqual(["policy/too-costly"]);
  });

  test("a regular expression cannot backtrack without end, and a large one is paid for", () => {
    const text = "'a'".padStart(3);
    expect(
      holds(`('${"a".repeat(1500)}' + 'b').matches('^(a+)+$') == false && ${text} == 'a'`),
    ).toBe(true);
    expect(
      codes("definitions.hosts.all(a, a.matches('((x{1,30}){1,30}y{1,900}\\\\pL{1,900})+'))"),
    ).toEqual(["policy/too-costly"]);
    expect(holds("self.name.matches('(')")).toMatch(/policy\/error .*the pattern is none/);
    expect(holds(`self.name.matches('${"a".repeat(600)}')`)).toMatch(/a pattern of 600 characters/);
  });

  test.each([
    "self.constructor == 1",
    "self.__proto__ == 1",
    "definitions.hosts.constructor.name == 'Object'",
    "definitions.hosts['__proto__'].name == 'x'",
    "{}.__proto__.x == 1",
    "process.env.HOME == ''",
    "globalThis.x == 1",
    "self.name.constructor('x') == 1",
    "constructor() == 1",
    "constructor == 1",
    "valueOf.x",
    "toString(self.name) == ''",
    "dyn(self).constructor == 1",
    "dyn(self).hasOwnProperty == 1",
  ])("reaches nothing beyond its variables: %s", (require) => {
    expect(holds(require)).toMatch(/^policy\/(type|error|syntax) /);
  });

  test("many policies together may not take as long as they like", () => {
    const all = "definitions.hosts";
    const heavy = `${all}.all(a, ${all}.all(b, ${all}.all(c, a + b + c != 'x')))`;
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `p${index}.yaml`,
        policy("fleet", heavy, { name: `p${index}` }),
      ]),
    );
    const started = performance.now();
    const found = judged({ ...base, ...hosts, ...many });
    expect(found.map(({ code }) => code)).toEqual(Array(12).fill("policy/too-costly"));
    // A bound for slow and busy machines: without one it would be minutes.
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
