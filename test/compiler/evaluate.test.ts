// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
import { describe, expect, test } from "vitest";
import type { Code } from "../../compiler/diagnostic/diagnostic.ts";
import { evaluate, evaluateFile } from "../../compiler/evaluate/evaluate.ts";

function treeOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const entries = Object.entries(files).map(
    ([path, text]) => [`factories/${path}`, Buffer.from(text)] as const,
  );
  return { repository: "test", files: new Map(entries) };
}

/** Everything that is said about these files, as `code at the text that is pointed at`. */
function said(files: Readonly<Record<string, string | Uint8Array>>): readonly string[] {
  const stage = evaluate(treeOf(files));
  const found = stage.ok ? stage.warnings : stage.problems;
  return found.map(({ code, at }) => {
    const text = files[at?.file.slice("factories/".length) ?? ""];
    return `${code}: ${typeof text === "string" ? text.slice(at?.start, at?.end) : ""}`;
  });
}

function exportsOf(text: string, others: Readonly<Record<string, string>> = {}) {
  const stage = evaluateFile(treeOf({ "a.ts": text, ...others }), "factories/a.ts");
  return stage.ok ? stage.value : stage.problems.map(({ code }) => code);
}

describe("definitions are read, never executed: what has effects or a state is refused where it stands", () => {
  test.each<[text: string, at: string]>([
    ["let a = 1;", "let a = 1;"],
    ["var a = 1;", "var a = 1;"],
    ["const a = new Map();", "new Map()"],
    ["class A {}", "class A {}"],
    ["for (const a of []) {}", "for (const a of []) {}"],
    ["const f = () => { while (true) {} };", "while (true) {}"],
    ["const f = () => { for (let a = 0; a < 1; a += 1) {} };", "for (let a = 0; a < 1; a += 1) {}"],
    ["const f = () => { for (const a in {}) {} };", "for (const a in {}) {}"],
    ["const f = () => { try { return 1; } finally {} };", "try { return 1; } finally {}"],
    ["const f = () => { [1].map((a) => a).length; };", "[1].map((a) => a).length"],
    ["const f = () => { var a = 1; };", "var a = 1;"],
    ["const f = () => { let a, b; [a, b] = [1, 2]; };", "[a, b]"],
    ["const f = () => { a: for (const b of [1]) break a; };", "a: for (const b of [1]) break a;"],
    ["let b = 1; const f = () => b;", "let b = 1;"],
    ["enum A { B }", "enum A { B }"],
    ["namespace A { export const b = 1; }", "namespace A { export const b = 1; }"],
    ["declare const a: number;", "declare const a: number;"],
    ["const f = (this: void) => 1;", "this"],
    ["const a = <number>1;", "<number>1"],
    ["const a = 1 in [1];", "[1]"],
    ["const e = [1].entries();", "entries"],
    ["import { b } from './b.ts' with { type: 'json' };", "with { type: 'json' }"],
    ["throw 1;", "throw 1;"],
    ["debugger;", "debugger;"],
    ["fetch;", "fetch;"],
    ["const a = await 1;", "await 1"],
    ["const a = this;", "this"],
    ["const a = /x/;", "/x/"],
    ["const a = 1n;", "1n"],
    ["const a = async () => 1; const b = a();", "async () => 1"],
    ["const a = { get b() { return 1; } };", "get b() { return 1; }"],
    ["const a = { b() {} };", "b() {}"],
    ["const a = [1, , 2];", ""],
    ["const a = { __proto__: null };", "__proto__"],
    ["const a = 1 == 1;", "=="],
    ["const a = delete 1;", "delete 1"],
    ["const a = void 0;", "void 0"],
    ["const a = Math.random();", "Math.random"],
    ["const a = [1].map(String);", "String"],
    ["const a = [].constructor;", "[].constructor"],
    ["const a = ({}).toString;", "({}).toString"],
    ["const a = (() => 1).call;", "(() => 1).call"],
    ["const a = [1].splice(2);", "splice"],
    ["const a = import('./b.ts');", "import"],
    ["const a = `${[1]}`;", "[1]"],
    ["const a = [1] + 1;", "[1]"],
    ["export * from './b.ts';", "export * from './b.ts';"],
    ["import * as b from './b.ts';", "* as b"],
  ])("%s", (text, at) => {
    const [first, ...others] = said({ "a.ts": text, "b.ts": "export const b = 1;" });
    expect(others).toEqual([]);
    expect(first).toBe(`evaluate/not-in-the-language: ${at}`);
  });

  test.each<[text: string, code: Code, at: string]>([
    ["const a = process.env.HOME;", "evaluate/unknown-identifier", "process"],
    ["const a = globalThis;", "evaluate/unknown-identifier", "globalThis"],
    ["const a = Date.now();", "evaluate/unknown-identifier", "Date"],
    ["const a = require('fs');", "evaluate/unknown-identifier", "require"],
    ["const a = eval('1');", "evaluate/unknown-identifier", "eval"],
    ["import { a } from 'node:fs';", "evaluate/import-outside", "'node:fs'"],
    ["import { a } from '/etc/passwd.ts';", "evaluate/import-outside", "'/etc/passwd.ts'"],
    ["import { a } from '../a.ts';", "evaluate/import-outside", "'../a.ts'"],
    ["import { a } from './x/../../b.ts';", "evaluate/import-outside", "'./x/../../b.ts'"],
    ["import { a } from './a.js';", "evaluate/import-outside", "'./a.js'"],
    ["import { a } from './a.ts';", "evaluate/import-cycle", "'./a.ts'"],
    ["import { a } from './c.ts';", "evaluate/no-such-file", "'./c.ts'"],
    ["import { a } from './b.ts';", "evaluate/no-such-export", "a"],
    ["const a = b; const b = 1;", "evaluate/used-before-declared", "b"],
    ["const a = null; const b = a.c;", "evaluate/type-error", "a.c"],
    ["const a = (1 as any)();", "evaluate/type-error", "(1 as any)"],
    ["const a = [].reduce((b) => b);", "evaluate/type-error", "[].reduce((b) => b)"],
    ["const [a] = {} as any;", "evaluate/type-error", "[a]"],
    ["const a = 'x'.repeat(-1);", "evaluate/type-error", "'x'.repeat(-1)"],
  ])("%s", (text, code, at) => {
    expect(said({ "a.ts": text, "b.ts": "export const b = 1;" })).toEqual([`${code}: ${at}`]);
  });
});

describe("one mistake is one diagnostic", () => {
  test("what is made of a failed value is not reported again, in whatever file", () => {
    const files = {
      "a.ts": "export const a = nothing; export const list = [a, a].map((each) => each.size + a);",
      "b.ts":
        "import { a, list } from './a.ts'; export const b = { ...a, list: [...list], c: `${a}` };",
      "c.ts":
        "import { b } from './b.ts'; const { list, x = list } = b; export const c = x?.[0].y(b);",
    };
    expect(said(files)).toEqual(["evaluate/unknown-identifier: nothing"]);
  });

  test("a mistake in a function that is called a thousand times", () => {
    const text = `import { range } from "@millwright/schema"; export const a = range(1000).map((n) => nothing + n);`;
    expect(said({ "a.ts": text })).toEqual(["evaluate/unknown-identifier: nothing"]);
  });

  test("a file that cannot be read spoils nothing but itself", () => {
    expect(
      said({
        "a.ts": "export const = 1;",
        "b.ts": "import { a } from './a.ts'; export const b = a;",
      }),
    ).toEqual(["evaluate/syntax: ="]);
  });

  test("two mistakes are two, each at its place", () => {
    expect(said({ "a.ts": "const a = [x, y];" })).toEqual([
      "evaluate/unknown-identifier: x",
      "evaluate/unknown-identifier: y",
    ]);
  });
});

describe("what is meant is read", () => {
  test("definitions come from exports, alone or in lists, each once", () => {
    const stage = evaluate(
      treeOf({
        "a.ts": `import { host, range, gib } from "@millwright/schema";
          export const one = host({ name: "one", memory: gib(2) } as any);
          export const all = [one, ...range(2, 4).map((n) => host({ name: \`n\${n}\` } as any))];
          const hidden = host({ name: "hidden" } as any);`,
        "b.ts": "export { one as again } from './a.ts';",
        "c.yaml": "kind: host\nname: yaml\n---\n---\nkind: model\nname: m\n",
      }),
    );
    const names = stage.ok
      ? stage.value.definitions.map(({ fields }) => fields.get("name")?.value)
      : [];
    expect(names.map((name) => (name?.kind === "scalar" ? name.value : name))).toEqual([
      "one",
      "n2",
      "n3",
      "yaml",
      "m",
    ]);
  });

  test("the kind is the author function's, unless the fields say otherwise, as Node has it", () => {
    const text = `import { model } from "@millwright/schema"; export const a = model({ name: "a" } as any);`;
    expect(exportsOf(text)).toEqual({ a: { kind: "model", name: "a" } });
  });

  test("imports, defaults, renames and re-exports across files", () => {
    expect(
      exportsOf(
        "import one, { two as deux } from './b.ts'; export { two } from './c.ts'; export const all = [one, deux];",
        {
          "b.ts": "export default 1; export { two } from './c.ts';",
          "c.ts": "export const two = 2; export type T = number;",
        },
      ),
    ).toEqual({ two: 2, all: [1, 2] });
  });

  test("YAML is 1.2: no is a text, and numbers, nulls and anchors mean what they look like", () => {
    const yaml =
      "kind: model\na: no\nb: 0o17\nc: ~\nd: &x [1, 2]\ne: *x\nf: 1e3\n10: ten\n2: two\n";
    const stage = evaluateFile(treeOf({ "a.yaml": yaml }), "factories/a.yaml");
    expect(stage).toMatchObject({
      ok: true,
      value: {
        documents: [
          {
            kind: "model",
            a: "no",
            b: 15,
            c: null,
            d: [1, 2],
            e: [1, 2],
            f: 1000,
            "10": "ten",
            "2": "two",
          },
        ],
      },
    });
  });

  test("YAML may be wide, on one line too: only depth is bounded", () => {
    const pairs = Array.from({ length: 2000 }, (_, at) => `k${at}: [${at}]`).join(", ");
    const stage = evaluateFile(treeOf({ "a.yaml": `{ ${pairs} }\n` }), "factories/a.yaml");
    expect(stage.ok).toBe(true);
  });

  test.each([
    ["a tag of its own", "kind: model\nname: !!js/function x\n"],
    ["a key twice", "kind: model\nkind: host\n"],
    ["a key that is no text", "kind: model\n? [a]\n: b\n"],
    ["the key __proto__", "kind: model\n__proto__: { a: 1 }\n"],
    ["an alias to nothing", "kind: model\nname: *nothing\n"],
    ["a merge key is a plain key, not a merge", "kind: model\n"],
  ])("YAML with %s", (what, yaml) => {
    const codes = said({ "a.yaml": yaml }).map((each) => each.split(":")[0]);
    expect(new Set(codes)).toEqual(new Set(what.startsWith("a merge") ? [] : ["evaluate/yaml"]));
  });
});
