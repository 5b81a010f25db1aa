// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
/** Inputs that would hang, overflow or fill the memory of an evaluation without bounds, and what each ends in. */
import type { Code } from "../../compiler/diagnostic/diagnostic.ts";

const schema = `import { range } from "@millwright/schema";`;
const doubling = (first: string, next: (name: string) => string) =>
  [
    `const a0 = ${first};`,
    ...Array.from({ length: 64 }, (_, at) => `const a${at + 1} = ${next(`a${at}`)};`),
    "export const value = a64;",
  ].join("\n");
const deep = 30_000;

/** A function around statements, called once. */
const inFunction = (body: string) =>
  `${schema} const f = () => { const xs: any[] = [1]; const o: any = {}; let s = "x"; ${body} return [xs, o, s]; }; export const a = f();`;

/** Two different texts of a million characters that are equal; the second one is made anew each time. */
const long = 'const big = "x".repeat(999_000);';

const changes: readonly (readonly [what: string, file: string, text: string, code: Code])[] = [
  [
    "loops in loops",
    "a.ts",
    inFunction(
      "for (const a of range(50_000)) for (const b of range(50_000)) { if (a === b) s = `${b}`; }",
    ),
    "evaluate/too-much-work",
  ],
  [
    "empty loops in loops",
    "a.ts",
    inFunction("for (const _ of range(50_000)) for (const __ of range(50_000)) {}"),
    "evaluate/too-much-work",
  ],
  [
    "a list pushed into itself",
    "a.ts",
    inFunction("for (const _ of range(64)) xs.push(...xs);"),
    "evaluate/too-large",
  ],
  [
    "a text that doubles in a loop",
    "a.ts",
    inFunction("for (const _ of range(64)) s += s;"),
    "evaluate/too-large",
  ],
  [
    "a list that holds itself",
    "a.ts",
    inFunction("xs.push(xs); s = JSON.stringify(xs);"),
    "evaluate/too-deep",
  ],
  [
    "an object that holds itself",
    "a.ts",
    inFunction("o.o = o; s = JSON.stringify(o);"),
    "evaluate/too-deep",
  ],
  [
    "whole numbers as keys, backwards",
    "a.ts",
    inFunction("for (const n of range(90_000)) o[90_000 - n] = n;"),
    "evaluate/too-much-work",
  ],
  [
    "shift by shift",
    "a.ts",
    inFunction(
      "xs.push(...range(40_000)); for (const _ of range(90_000)) { xs.push(xs.shift()); }",
    ),
    "evaluate/too-much-work",
  ],
  [
    "long texts compared",
    "a.ts",
    inFunction(
      `${long} for (const _ of range(90_000)) { if (big + "y" === s) s = big; s = big + "y"; }`,
    ),
    "evaluate/too-much-work",
  ],
  [
    "long texts looked for",
    "a.ts",
    inFunction(
      `${long} for (const n of range(90)) xs.push(big + (n % 10)); for (const _ of range(90_000)) xs.includes(s);`.replace(
        "includes(s)",
        "includes(big + 11 + _)",
      ),
    ),
    "evaluate/too-much-work",
  ],
  [
    "long texts as keys",
    "a.ts",
    inFunction(`${long} for (const n of range(90_000)) o[big + (n % 2)] = n;`),
    "evaluate/too-much-work",
  ],
  [
    "sorting by a comparison again and again",
    "a.ts",
    inFunction(
      "xs.push(...range(20_000)); for (const _ of range(90_000)) xs.sort((a, b) => b - a);",
    ),
    "evaluate/too-much-work",
  ],
  [
    "sorting again and again",
    "a.ts",
    inFunction("xs.push(...range(40_000)); for (const _ of range(90_000)) xs.toSorted();"),
    "evaluate/too-much-work",
  ],
  [
    "a text searched again and again",
    "a.ts",
    inFunction(`${long} for (const _ of range(90_000)) big.indexOf("y");`),
    "evaluate/too-much-work",
  ],
  [
    "a text taken apart again and again",
    "a.ts",
    inFunction(
      's = "ab".repeat(40_000); for (const _ of range(90_000)) for (const c of s) xs[0] = c;',
    ),
    "evaluate/too-much-work",
  ],
  [
    "switch by switch",
    "a.ts",
    inFunction(
      "for (const n of range(90_000)) for (const m of range(9)) switch (n) { case m: xs[0] = m; default: xs[0] = n; case -1: xs[0] = s; }".repeat(
        9,
      ),
    ),
    "evaluate/too-much-work",
  ],
  [
    "a join of long texts",
    "a.ts",
    inFunction(`${long} xs.push(big, big); for (const _ of range(90_000)) xs.join();`),
    "evaluate/too-large",
  ],
  [
    "numbers of long texts",
    "a.ts",
    inFunction(
      'const d = "1".repeat(900_000); for (const _ of range(90_000)) s = String(Number(d));',
    ),
    "evaluate/too-much-work",
  ],
  [
    "statements in statements",
    "a.ts",
    `const f = () => { ${"{ if (1) ".repeat(1_000)} return 1; ${"}".repeat(1_000)} }; export const a = f();`,
    "evaluate/too-deep",
  ],
  [
    "patterns in patterns",
    "a.ts",
    `const ${"[".repeat(1_000)}a${"]".repeat(1_000)} = [];`,
    "evaluate/too-deep",
  ],
  ["arrows in arrows", "a.ts", `export const a = ${"() => ".repeat(2_000)}1;`, "evaluate/too-deep"],
  [
    "types in types",
    "a.ts",
    `type A = ${"[".repeat(deep)}1${"]".repeat(deep)}; export const a = 1;`,
    "evaluate/too-deep",
  ],
];

export const bombs: readonly (readonly [what: string, file: string, text: string, code: Code])[] = [
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
  ...changes,
  [
    "an alias bomb",
    "a.yaml",
    `kind: model\na0: &a0 [x, x]\n${Array.from({ length: 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join("\n")}\n`,
    "evaluate/too-large",
  ],
];
