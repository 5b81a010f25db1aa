/** Definitions checked as TypeScript: exact places, plain words, nothing read from the disk, and always an end. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { readFolder } from "../../compiler/source/source.ts";
import { ask } from "../../compiler/types/ask.ts";
import { findTsc } from "../../compiler/types/compiler.ts";
import { give } from "../../compiler/types/given.ts";
import { typeErrors } from "../../compiler/types/types.ts";
import {
  never,
  saidOf,
  saidOfWrong,
  shown,
  temporary,
  treeOf,
  typesOf,
  wrong,
} from "./types-kit.ts";

/** One expression over which tsc sits for minutes, and which is no nesting of brackets. */
const endless = `export const x: number = ${Array(200_000).fill(1).join("+")};`;

/** The type checkers that this process has started and not ended. */
function running(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [, name, state, parent] = /\((.*)\) (\S) (\d+)/.exec(statOf(pid)) ?? [];
      return name === "tsc" && state !== "Z" && parent === String(process.pid);
    });
}

/** Nothing of a process that has ended meanwhile. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return "";
  }
}

describe("what is said", () => {
  test("the example's definitions have no type errors", async () => {
    const tree = await readFolder(join(import.meta.dirname, "../.."), never);
    expect(await typeErrors(tree, { cache: undefined }, never)).toEqual([]);
  });

  test.each([
    ["after characters of one, two and three bytes, and of two units", 'const a = "aä€😀"; '],
    ["after a byte order mark", "\ufeff"],
    ["after lines that end as on Windows", "const a = 1;\r\nconst b = 2;\r\n"],
    ["after a tab", "\t"],
  ])("points at the exact place: %s", async (_, before) => {
    const text = `${before}export const x: number = "a";`;
    const tree = treeOf({ "a.ts": text });
    const [found] = await typeErrors(tree, { cache: undefined }, never);
    // Spans count in the text without its byte order mark.
    const start = text.replace("\ufeff", "").indexOf("x: number");
    expect(found?.at).toEqual({ file: "factories/a.ts", start, end: start + 1 });
  });

  test("the place from which the expected type comes is shown, too", async () => {
    const tree = treeOf({
      "b.ts": "export interface Size { readonly of: number }",
      "a.ts": 'import type { Size } from "./b.ts";\nexport const small: Size = { of: "a" };',
    });
    const [found] = await typeErrors(tree, { cache: undefined }, never);
    expect(found?.also?.map(({ at }) => at.file)).toEqual(["factories/b.ts"]);
  });

  test("of a chain of reasons, the first and the last are told, a line each", async () => {
    const [said] = await typesOf({
      "a.ts": `const made = { a: { b: { c: 1 } } };
export const wanted: { a: { b: { c: string } } } = made;`,
    });
    expect(said?.split("\n")).toEqual([
      expect.stringContaining(
        "is not assignable to type '{ a: { b: { c: string; }; }; }'. (TS2322)",
      ),
      "Type 'number' is not assignable to type 'string'.",
    ]);
  });

  test("an error has a cure, and one that names the very word where tsc knows it", async () => {
    const tree = treeOf({ "a.ts": "const length = 1;\nexport const f = () => lenght;" });
    const [found] = await typeErrors(tree, { cache: undefined }, never);
    expect(found?.cure).toBe("did you mean length?");
  });

  test("where tsc has several errors at one place, one is said", async () => {
    expect(await typesOf({ "a.ts": "export const a = b;\nconst b: number = 4;" })).toEqual([
      expect.stringMatching(/«b» .*TS2448/),
    ]);
  });

  test("files that are not TypeScript are not its business", async () => {
    expect(await typesOf({ "a.yaml": "kind: host", "models.lock.yaml": "" })).toEqual([]);
  });
});

describe("names of files", () => {
  test.each([
    "a b.ts",
    "a😀.ts",
    "a'\"`$(touch x).ts",
    "a\nb.ts",
    "a#b?c%20.ts",
    "-a.ts",
    "*.ts",
    "a\\..\\..\\..\\etc\\b.ts",
    `${"long".repeat(100)}.ts`,
    `${"deep/".repeat(200)}a.ts`,
  ])("%j is a name like any other", async (name) => {
    const tree = treeOf({ [name]: 'export const x: number = "a";', "other.ts": "export {};" });
    const found = await typeErrors(tree, { cache: undefined }, never);
    expect(found.map(({ code, at }) => [code, at])).toEqual([
      ["types/error", { file: `factories/${name}`, start: 13, end: 14 }],
    ]);
  });

  test("files whose names differ in case alone are one mistake, and not tsc's", async () => {
    const files = {
      "A.ts": "export const x = 4;",
      "a.ts": 'export const x = "a";',
      "b.ts":
        'import { x } from "./A.ts";\nimport { x as y } from "./a.ts";\nexport const z = [x, y];',
    };
    const said = await saidOf(files);
    expect(said.compiler.map((one) => one.split(" ")[0])).toEqual(["source/case-only"]);
    expect(said.types).toEqual([]);
  });
});

describe("nothing outside the definitions is read", () => {
  test.each([
    ["a type of a package", 'import type { Stats } from "node:fs";', "node:fs"],
    ["a type by an absolute path", 'import type { X } from "OUTSIDE";', "OUTSIDE"],
    ["a type in an expression", 'export type X = import("OUTSIDE").X;', "OUTSIDE"],
    ["a type exported onward", 'export type { X } from "OUTSIDE";', "OUTSIDE"],
    ["a reference to a file", '/// <reference path="OUTSIDE" />', "OUTSIDE"],
    ["a reference to types", '/// <reference types="node" />', "node"],
    ["a value", 'import { x } from "OUTSIDE";\nexport const y: string = x;', "OUTSIDE"],
    [
      "JSON",
      'import x from "./package.json" with { type: "json" };\nexport { x };',
      "./package.json",
    ],
  ])("%s", async (_, text, wanted) => {
    // It is there, and it would give itself away: nothing but a number may be assigned to its type.
    const outside = join(temporary(), "x.ts");
    writeFileSync(outside, "export type X = { secret: 4711 };\nexport const x = 4711;");
    const fill = (words: string) => words.replace("OUTSIDE", outside);
    const said = await typesOf({ "a.ts": fill(text) });
    expect(said).toEqual([expect.stringMatching(/^evaluate\/import-outside «/)]);
    expect(said[0]).toContain(fill(wanted));
  });

  test("a relative path that climbs out of the definitions", async () => {
    const climb = "../".repeat(30);
    const outside = join(temporary(), "x.ts");
    writeFileSync(outside, "export type X = { secret: 4711 };");
    expect(
      await typesOf({
        "a.ts": `import type { X } from "${climb}${outside.slice(1)}";\nexport const x: X = 1;`,
      }),
    ).toEqual([expect.stringContaining("is no TypeScript file below factories/")]);
  });

  test("a path that climbs out behind backslashes", async () => {
    const outside = join(temporary(), "x.ts");
    writeFileSync(outside, "export type X = { secret: 4711 };");
    const path = `./${"..\\\\".repeat(30)}${outside.slice(1).replaceAll("/", "\\\\")}`;
    expect(
      await typesOf({ "a.ts": `import type { X } from "${path}";\nexport const x: X = 1;` }),
    ).toEqual([expect.stringMatching(/^evaluate\/no-such-file «/)]);
  });

  test("tsc's own libraries for browsers", async () => {
    const said = await typesOf({
      "a.ts": '/// <reference lib="dom" />\nexport const f = () => document;',
    });
    expect(said.at(-1)).toMatch(/«document» Cannot find name 'document'\. \(TS2584\)$/);
  });

  test("settings of the repository, and types that lie about", async () => {
    const tree = treeOf(wrong);
    const files = new Map([
      ...tree.files,
      ["factories/tsconfig.json", Buffer.from('{ "compilerOptions": { "strict": false } }')],
      ["tsconfig.json", Buffer.from('{ "compilerOptions": { "noCheck": true } }')],
      ["factories/node_modules/@millwright/schema/index.d.ts", Buffer.from("export {};")],
    ]);
    const found = await typeErrors({ ...tree, files }, { cache: undefined }, never);
    expect(shown(found, tree)).toEqual(saidOfWrong);
  });

  test("a type of a file that the repository does not have is a missing file", async () => {
    expect(
      await typesOf({ "a.ts": 'import type { X } from "./b.ts";\nexport const x: X = 1;' }),
    ).toEqual(['evaluate/no-such-file «"./b.ts"» there is no factories/b.ts']);
  });
});

describe("it ends", () => {
  test("when it takes too long, and nothing is left running", async () => {
    const found = await typeErrors(
      treeOf({ "a.ts": endless }),
      { cache: undefined, limits: { timeMs: 300 } },
      never,
    );
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "types/too-long: the check of types takes too long, and was stopped",
    ]);
    await expect.poll(running).toEqual([]);
  });

  test("when it takes too much memory, and nothing is left running", async () => {
    const found = await typeErrors(
      treeOf({ "a.ts": endless }),
      { cache: undefined, limits: { memory: 16 * 1024 ** 2 } },
      never,
    );
    expect(found.map(({ message }) => message)).toEqual([
      "the check of types takes too much memory, and was stopped",
    ]);
    await expect.poll(running).toEqual([]);
  });

  test("when it is told to, and nothing is left running", async () => {
    const stop = new AbortController();
    const found = typeErrors(treeOf({ "a.ts": endless }), { cache: undefined }, stop.signal);
    await expect.poll(running).toHaveLength(1);
    stop.abort(new Error("enough"));
    await expect(found).rejects.toThrow("enough");
    await expect.poll(running).toEqual([]);
  });

  test("before it begins, when that was told before", async () => {
    const told = AbortSignal.abort(new Error("enough"));
    await expect(typeErrors(treeOf(wrong), { cache: undefined }, told)).rejects.toThrow("enough");
  });

  test.each([
    ["lists", "[", "]"],
    ["objects", "{a:", "}"],
    ["brackets", "(", ")"],
    ["calls", "f(", ")"],
  ])("on %s in %s, by leaving such a file to the evaluation", async (_, open, close) => {
    const inner = open === "[" ? "" : "1";
    const deep = (depth: number) =>
      `const f = (x: unknown) => x;\nexport const x = ${open.repeat(depth)}${inner}${close.repeat(depth)};\nexport { f };`;
    expect(await typesOf({ "a.ts": deep(90) })).toEqual([]);
    for (const depth of [110, 3_000, 100_000])
      expect(await typesOf({ "a.ts": deep(depth), "b.ts": 'export { x } from "./a.ts";' })).toEqual(
        [expect.stringMatching(/^types\/too-long «.?» the file nests deeper than 100 brackets/)],
      );
  });

  test("on brackets that stand in texts and comments, which nest nothing", async () => {
    const many = "([{".repeat(200);
    expect(await typesOf({ "a.ts": `// ${many}\nexport const x = "${many}";` })).toEqual([]);
  });

  test("on any bytes", async () => {
    const tree = treeOf({ "a.ts": "" });
    const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 256);
    const found = await typeErrors(
      { ...tree, files: new Map([["factories/a.ts", bytes]]) },
      { cache: undefined },
      never,
    );
    for (const { at } of found) expect(at?.file ?? "factories/a.ts").toBe("factories/a.ts");
  });
});

test("a type checker that cannot be started is the world's failure, and says what to do", async () => {
  const tsc = { ...findTsc(), executable: join(temporary(), "tsc") };
  const given = give(treeOf(wrong), findTsc());
  await expect(ask(given, tsc, { timeMs: 5_000, memory: 2 ** 31 }, never)).rejects.toMatchObject({
    code: "types/no-tsc",
    message: expect.stringContaining("npm install"),
  });
});
