/** A mistake that the evaluation or the checks see is said by them alone; one that only types show, by tsc alone. */
import { describe, expect, test } from "vitest";
import { saidOf } from "./types-kit.ts";

const host = (fields: string) =>
  `import { host } from "@millwright/schema";
export const two = host({ name: "two", key: "ed25519:BQ${"A".repeat(41)}", site: "fra", region: "de", ${fields} });`;

/** One mistake each that both would report. */
const both: readonly (readonly [name: string, files: Record<string, string>, said: RegExp])[] = [
  ["a value of the wrong type", { "a.ts": host('memory: "2GiB", cores: "four"') }, /«"four"»/],
  ["a text instead of a list", { "a.ts": host('memory: "2GiB", gpus: "H200"') }, /«"H200"»/],
  ["a missing field", { "a.ts": host("cores: 4") }, /missing-field.*memory/],
  [
    "a missing field of a field",
    { "a.ts": host('memory: "2GiB", gpus: [{ model: "H200" }]') },
    /missing-field.*memory/,
  ],
  ["an unknown field", { "a.ts": host('memory: "2GiB", coers: 4') }, /«coers»/],
  ["a misspelt identifier", { "a.ts": host("memory: memroy") }, /«memroy»/],
  [
    "an import of a file that is not there",
    { "a.ts": `import { size } from "./sizes.ts";\n${host("memory: size")}` },
    /no-such-file «".\/sizes.ts"»/,
  ],
  [
    "an import of a package",
    { "a.ts": `import { size } from "sizes";\n${host("memory: size.of(4)")}` },
    /import-outside «"sizes"»/,
  ],
  [
    "an import of what a file does not export",
    {
      "sizes.ts": "export const large = 4;",
      "a.ts": `import { size } from "./sizes.ts";\n${host("memory: size")}`,
    },
    /no-such-export «size»/,
  ],
  [
    "an import of what the schema does not export",
    { "a.ts": `import { server } from "@millwright/schema";\nexport const two = server({});` },
    /no-such-export «server»/,
  ],
  ["a syntax error", { "a.ts": 'export const = 4;\nconst x: number = "a";' }, /syntax/],
  [
    "a syntax error in a file that others import",
    {
      "sizes.ts": "export const size = { of 4 };",
      "a.ts": `import { size } from "./sizes.ts";\n${host("memory: size.of.it")}`,
    },
    /sizes.ts/,
  ],
  ["an enum", { "a.ts": "enum Size { small, large }" }, /enum/],
  [
    "a call of undefined",
    {
      "a.ts": "const sizes: { of?: () => number } = {};\nexport const size = sizes.of();",
    },
    /type-error/,
  ],
  [
    "a property of undefined",
    {
      "a.ts": "const sizes: { of?: { it: number } } = {};\nexport const size = sizes.of.it;",
    },
    /type-error/,
  ],
  ["a const that is assigned", { "a.ts": "const size = 4;\nsize = 5;\nexport { size };" }, /«/],
  ["a const before its declaration", { "a.ts": "export const a = b;\nconst b = 4;" }, /«b»/],
  [
    "a global of Node",
    { "a.ts": "export const home = process.env.HOME;" },
    /unknown-identifier «process»/,
  ],
  [
    "a definition of another kind where one is referred to",
    {
      "a.ts": `import { adapter } from "@millwright/schema";
import { one } from "./host.ts";
export const care = adapter({ name: "care", base: one, source: "file:care.gguf" });`,
    },
    /wrong-kind/,
  ],
  [
    "a wrong value that a const holds",
    { "a.ts": `const cores = "four";\n${host('memory: "2GiB", cores')}` },
    /«"four"»/,
  ],
  [
    "a wrong value that is spread",
    { "a.ts": `const common = { cores: "four" };\n${host('memory: "2GiB", ...common')}` },
    /«"four"»/,
  ],
  [
    "a wrong value that is spread, from another file and under another name",
    {
      "sizes.ts": 'const small = { cores: "four" };\nexport { small as large };',
      "all.ts": 'export { large } from "./sizes.ts";',
      "a.ts": `import { large as common } from "./all.ts";\n${host('memory: "2GiB", ...common')}`,
    },
    /sizes.ts «"four"»/,
  ],
  [
    "a wrong value that a function returns",
    { "a.ts": `function size() { return "four"; }\n${host('memory: "2GiB", cores: size()')}` },
    /«"four"»/,
  ],
  [
    "a wrong value that is passed to a function",
    {
      "make.ts": `import { host } from "@millwright/schema";
export const make = (name: string, cores: string) =>
  host({ name, cores, key: "ed25519:BQ${"A".repeat(41)}", site: "fra", region: "de", memory: "2GiB" });`,
      "a.ts": 'import { make } from "./make.ts";\nexport const two = make("two", "four");',
    },
    /«"four"»/,
  ],
  [
    "a wrong value in a list that is mapped",
    {
      "a.ts": `import { host } from "@millwright/schema";
export const more = ["four"].map((cores) =>
  host({ name: "two", cores, key: "ed25519:BQ${"A".repeat(41)}", site: "fra", region: "de", memory: "2GiB" }));`,
    },
    /«"four"»/,
  ],
];

describe("said by the compiler, and not again by tsc", () => {
  test.each(both)("%s", async (_, files, said) => {
    const { compiler, types, tsc } = await saidOf(files);
    expect(tsc, "tsc would have said it too").toBeGreaterThan(0);
    expect(compiler).toEqual([expect.stringMatching(said)]);
    expect(types).toEqual([]);
  });
});

/** Mistakes that nothing but types shows. */
const typesOnly: readonly (readonly [name: string, text: string, said: RegExp])[] = [
  ["a const of another type than it says", 'const x: number = "a";\nexport { x };', /«x».*TS2322/],
  [
    "a wrong argument",
    'const twice = (x: number) => x * 2;\nexport const y = twice("a");',
    /«"a"».*TS2345/,
  ],
  [
    "an argument too many",
    "const twice = (x: number) => x * 2;\nexport const y = twice(1, 2);",
    /«2».*TS2554/,
  ],
  ["what does not satisfy", "export const x = { a: 1 } satisfies { a: string };", /«a».*TS2322/],
  ["a comparison that cannot hold", "export const x = (1 as 1 | 2) === 3;", /TS2367/],
  ["a misspelt name in a function that nobody calls", "export const f = () => nmae;", /«nmae»/],
  ["a parameter without a type", "export const f = (x) => x;", /«x».*TS7006/],
  ["a type that is not there", "export const x: Size = 4;", /«Size».*TS2304/],
  [
    "a type that the schema does not export",
    'import type { Server } from "@millwright/schema";\nexport const x: Server[] = [];',
    /«Server».*TS2305/,
  ],
];

describe("said by tsc alone", () => {
  test.each(typesOnly)("%s", async (_, text, said) => {
    const { compiler, types } = await saidOf({ "a.ts": text });
    expect(compiler).toEqual([]);
    expect(types).toEqual([expect.stringMatching(said)]);
  });

  test("a type error beside another mistake of the same file is said all the same", async () => {
    const { compiler, types } = await saidOf({
      "a.ts": `const twice = (x: number) => x * 2;\nexport const y = twice("a");\n${host('memory: "2GiB", cores: "four"')}`,
    });
    expect(compiler).toEqual([expect.stringContaining('«"four"»')]);
    expect(types).toEqual([expect.stringContaining('«"a"»')]);
  });

  test("a type error beside another field's mistake is said all the same", async () => {
    const { compiler, types } = await saidOf({
      "a.ts": `const twice = (x: number): number => x * 2;\n${host('memory: "2GiB", cores: twice("4"), site_: 1')}`,
    });
    expect(compiler).toEqual([expect.stringContaining("«site_»")]);
    expect(types).toEqual([expect.stringContaining('«"4"»')]);
  });
});
