/** schema/POLICIES.md: its expressions are compiled, and its lists are those of the evaluator. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policySubjects } from "@millwright/schema";
import { describe, expect, test } from "vitest";
import { functions } from "../../compiler/cel/functions.ts";
import { isOperator } from "../../compiler/cel/operators.ts";
import { catalog } from "../../compiler/diagnostic/diagnostic.ts";
import { compilePolicies, judgeDefinitions } from "../../compiler/policy/policy.ts";
import { base, definitionsIn, policy } from "./policy-kit.ts";

const page = readFileSync(join(import.meta.dirname, "../../schema/POLICIES.md"), "utf8");

const blocks = [...page.matchAll(/^```cel (\w+)(?: refused (\S+))?\n([\s\S]*?)^```$/gm)];
const lines = blocks.flatMap(([, on = "", code = "", text = ""]) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => [on, code, line] as const),
);

describe("the page on policies", () => {
  test.each(lines)("on: %s %s %s", (on, code, line) => {
    const definitions = definitionsIn({ ...base, "rule.yaml": policy(on, line) });
    const { problems } = compilePolicies(definitions);
    expect(problems.map((problem) => problem.code)).toEqual(code === "" ? [] : [code]);
  });

  test("shows a policy that can be copied", () => {
    const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
    const definitions = definitionsIn({ ...base, "rule.yaml": yaml });
    const { policies, problems } = compilePolicies(definitions);
    expect([...problems, ...judgeDefinitions(policies, definitions)]).toEqual([]);
    expect(policies.all).toHaveLength(1);
  });

  test("names every subject, every code and every function, and no others", () => {
    for (const subject of policySubjects) expect(page).toContain(`\`${subject}\``);
    const codes = Object.keys(catalog).filter((code) => code.startsWith("policy/"));
    expect(new Set(page.match(/\bpolicy\/[a-z-]+/g))).toEqual(new Set(codes));
    const [, section = ""] = /^## Functions\n([\s\S]*?)Operators:/m.exec(page) ?? [];
    const named = [...section.matchAll(/`([a-zA-Z]+)`/g)].map(([, name]) => name ?? "");
    expect(named.sort()).toEqual([...functions.keys()].filter((name) => !isOperator(name)).sort());
  });
});
