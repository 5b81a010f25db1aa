// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { expect, test } from "vitest";
import type { Code } from "../../compiler/diagnostic/diagnostic.ts";

const schema = `import { range } from "@millwright/schema";`;
const doubling = (first: string, next: (name: string) => string) =>
  [
    `const a0 = ${first};`,
    ...Array.from({ length: 64 }, (_, at) => `const a${at + 1} = ${next(`a${at}`)};`),
    "export const value = a64;",
  ].join("\n");
const deep = 30_000;

const bombs: readonly (readonly [what: string, file: string, text: string, code: Code])[] = [
  [
    "parentheses",
    "a.ts",
    `export const a = ${"(".repeat(deep)}1${")".repeat(deep)};`,
    "evaluate/too-deep",
  ],
  [
    "lists in lists",
    "a.ts",
    `export const a = ${"[".repeat(deep)}${"]".repeat(deep)};`,
    "evaluate/too-deep",
  ],
  [
    "objects in objects",
    "a.ts",
    `export const a = ${"{a:".repeat(500)}1${"}".repeat(500)};`,
    "evaluate/too-deep",
  ],
  ["a long sum", "a.ts", `export const a = ${"1+".repeat(deep)}1;`, "evaluate/too-deep"],
  [
    "a long chain",
    "a.ts",
    `const o = {}; export const a = o${"?.a".repeat(deep)};`,
    "evaluate/too-deep",
  ],
  [
    "ifs in ifs",
    "a.ts",
    `const f = () => { ${"if (1) ".repeat(2000)} return 1; }; export const a = f();`,
    "evaluate/too-deep",
  ],
  ["2 MB of [", "a.ts", "[".repeat(2 * 1024 ** 2), "evaluate/too-deep"],
  ["2 MB of [ in YAML", "a.yaml", "[".repeat(2 * 1024 ** 2), "evaluate/too-deep"],
  [
    "a text that doubles",
    "a.ts",
    doubling('"x"', (name) => `${name} + ${name}`),
    "evaluate/too-large",
  ],
  [
    "a template that doubles",
    "a.ts",
    doubling('"x"', (name) => `\`\${${name}}\${${name}}\``),
    "evaluate/too-large",
  ],
  [
    "a list that doubles",
    "a.ts",
    doubling("[1]", (name) => `[...${name}, ...${name}]`),
    "evaluate/too-large",
  ],
  [
    "concat that doubles",
    "a.ts",
    doubling("[1]", (name) => `${name}.concat(${name})`),
    "evaluate/too-large",
  ],
  [
    "join that doubles",
    "a.ts",
    doubling('"x"', (name) => `[${name}, ${name}].join()`),
    "evaluate/too-large",
  ],
  [
    "replaceAll that grows",
    "a.ts",
    doubling('"xx"', (name) => `${name}.replaceAll("x", "xx$&")`),
    "evaluate/too-large",
  ],
  ["a wide range", "a.ts", `${schema} export const a = range(1e9);`, "evaluate/too-large"],
  [
    "a range without end",
    "a.ts",
    `${schema} export const a = range(Infinity);`,
    "evaluate/too-large",
  ],
  ["a range from nowhere", "a.ts", `${schema} export const a = range(NaN);`, "evaluate/too-large"],
  ["padStart", "a.ts", 'export const a = "x".padStart(1e9);', "evaluate/too-large"],
  ["repeat", "a.ts", 'export const a = "x".repeat(2 ** 31);', "evaluate/too-large"],
  [
    "recursion",
    "a.ts",
    "export const f = (n: number): number => f(n); export const a = f(1);",
    "evaluate/too-deep",
  ],
  [
    "mutual recursion",
    "a.ts",
    "function f(n: any): any { return g(n); } function g(n: any): any { return f(n); } export const a = f(1);",
    "evaluate/too-deep",
  ],
  [
    "recursion through map",
    "a.ts",
    "const f = (n: any): any => [n].map(f); export const a = f(1);",
    "evaluate/too-deep",
  ],
  [
    "recursion through a default",
    "a.ts",
    "const f = (n: any = f()): any => n; export const a = f();",
    "evaluate/too-deep",
  ],
  [
    "recursion that doubles",
    "a.ts",
    "const f = (n: number): number => (n === 0 ? 1 : f(n - 1) + f(n - 1)); export const a = f(40);",
    "evaluate/too-much-work",
  ],
  [
    "lists by lists",
    "a.ts",
    `${schema} export const a = range(1000).flatMap(() => range(50_000)).length;`,
    "evaluate/too-much-work",
  ],
  [
    "an alias bomb",
    "a.yaml",
    `kind: model\na0: &a0 [x, x]\n${Array.from({ length: 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join("\n")}\n`,
    "evaluate/too-large",
  ],
];

interface Fate {
  readonly codes: readonly Code[];
  readonly ms: number;
}

/** In a process of its own: as the compiler runs, and out of the way of what a bomb might do. */
function fates(): readonly Fate[] {
  const said = execFileSync(execPath, [join(import.meta.dirname, "evaluate-child.ts")], {
    input: JSON.stringify(bombs.map(([, file, text]) => [file, text])),
    encoding: "utf8",
    timeout: 50_000,
  });
  return JSON.parse(said);
}

test("every input ends in under two seconds of a core, in a diagnostic that says why", () => {
  const all = fates();
  const ended = bombs.map(([what], at) => `${what}: ${all[at]?.codes.join(" ")}`);
  expect(ended).toEqual(bombs.map(([what, , , code]) => `${what}: ${code}`));
  const slow = bombs.filter((_, at) => !((all[at]?.ms ?? Infinity) < 2_000));
  expect(slow.map(([what]) => what)).toEqual([]);
});
