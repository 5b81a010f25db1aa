/** schema/LANGUAGE.md is the specification: its examples are run, and its lists are those of the evaluator. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalog } from "../../compiler/diagnostic/diagnostic.ts";
import { evaluateFile, language } from "../../compiler/evaluate/evaluate.ts";
import { limits } from "../../compiler/source/limits.ts";
import { MOST_NESTED } from "../../compiler/types/nesting.ts";
import { encode } from "./evaluate-encode.ts";
import { inNode } from "./node-oracle.ts";

const page = readFileSync(join(import.meta.dirname, "../../schema/LANGUAGE.md"), "utf8");
const examples = [...page.matchAll(/```ts (accepted|refused)(?: (\S+))?\n([\s\S]*?)```/g)].map(
  ([, fate = "", code = "", text = ""]) => ({ fate, code, text }),
);

function ours(text: string) {
  const other = Buffer.from("export const other = 1;");
  const files = new Map([
    ["factories/a.ts", Buffer.from(text)],
    ["factories/other.ts", other],
  ]);
  return evaluateFile({ repository: "test", files }, "factories/a.ts");
}

describe("the examples of the specification", () => {
  const accepted = examples.filter(({ fate }) => fate === "accepted");
  test("there are some of both kinds", () => {
    expect(accepted.length).toBeGreaterThan(4);
    expect(examples.length - accepted.length).toBeGreaterThan(4);
  });

  test("what it accepts comes to the values that Node gives", () => {
    const whole = accepted.map(({ text }) =>
      ours(text).ok ? `${text}\nexport const everything = "everything";` : text,
    );
    for (const text of whole) {
      const mine = ours(text);
      expect(mine.ok ? [] : mine.problems.map(({ message }) => message), text).toEqual([]);
      if (!mine.ok) continue;
      const names = Object.keys(mine.value);
      for (const name of names) {
        const [node] = inNode([text], name);
        const value = JSON.parse(JSON.stringify(encode(mine.value[name])));
        expect(node, `${name} of ${text}`).toEqual({ value });
      }
    }
  }, 60_000);

  test.each(examples.filter(({ fate }) => fate === "refused"))("$code: $text", ({ code, text }) => {
    const mine = ours(text);
    expect(mine.ok ? [] : mine.problems.map((problem) => problem.code)).toEqual([code]);
  });
});

test("it names every function, method and constant that the evaluator has, and no other", () => {
  const { functions, constants, ofLists, ofTexts, ofNumbers } = language;
  const section = (from: string, to: string) =>
    namesIn(page.slice(page.indexOf(from), page.indexOf(to, page.indexOf(from) + 1)));
  expect(section("- `Object.keys`", "**Of lists**")).toEqual(new Set([...functions, ...constants]));
  const notMethods = ["length", "entries", "keys", "values"];
  const methods = (from: string, to: string) =>
    new Set([...section(from, to)].filter((name) => !notMethods.includes(name)));
  expect(methods("**Of lists**", "**Of texts**")).toEqual(new Set(ofLists));
  expect(methods("**Of texts**", "**Of numbers**")).toEqual(new Set(ofTexts));
  expect(methods("**Of numbers**", "```ts")).toEqual(new Set(ofNumbers));
});

/** `name`, `Object.name` or `name()` in backticks. */
function namesIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/`([A-Za-z]+(?:\.\w+)?)(?:\(\))?`/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "null"),
  );
}

test("it names every form that is refused, every code of the evaluation, and every budget", () => {
  const plain = page.replaceAll("`", "");
  for (const what of language.refused)
    expect(plain, what).toContain(what.replace(" here", " in any other place"));
  for (const code of Object.keys(catalog))
    if (code.startsWith("evaluate/")) expect(page).toContain(`\`${code}\``);
  for (const amount of Object.values(language.budget))
    expect(page).toContain(amount.toLocaleString("en"));
  expect(page).toContain(`${limits.file / 1024 ** 2} MiB`);
  expect(page).toContain(`more than ${MOST_NESTED} brackets`);
});
