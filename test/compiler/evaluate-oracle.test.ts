import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, evaluateFile } from "../../compiler/evaluate/evaluate.ts";

/** Node's answer to each program, `JSON` with what JSON cannot say spelt out; `null` where Node throws. One process for all. */
function nodeSays(programs: readonly string[]): readonly (string | null)[] {
  const folder = mkdtempSync(join(tmpdir(), "millwright-oracle-"));
  try {
    for (const [index, text] of programs.entries())
      writeFileSync(join(folder, `p${index}.ts`), text);
    writeFileSync(
      join(folder, "run.mjs"),
      `${spell.toString()}
       const answers = [];
       for (let i = 0; i < ${programs.length}; i += 1)
         answers.push(await import(\`./p\${i}.ts\`).then((all) => spell(all.r), () => null));
       process.stdout.write(JSON.stringify(answers));`,
    );
    return JSON.parse(
      execFileSync(process.execPath, ["run.mjs"], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    ) as (string | null)[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Order of keys and the sign of zero included. Self-contained: its text runs in the other process too. */
function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => spell(item)).join()}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${spell(item)}`)
      .join()}}`;
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function treeOf(text: string, path = "factories/p.ts") {
  return { repository: "test", files: new Map([[path, Buffer.from(text)]]) };
}

/** `null` when refused. */
function weSay(text: string): string | null {
  const stage = evaluateFile(treeOf(text), "factories/p.ts");
  return stage.ok ? spell(stage.value["r"]) : null;
}

function codesOf(text: string, path?: string): readonly string[] {
  const stage = evaluate(treeOf(text, path));
  return stage.ok ? [] : [...new Set(stage.problems.map(({ code }) => code))];
}

const number = fc.constantFrom("0", "1", "-1", "2.5", "1e21", "0x1f", "1_000", "0.1");
const words = fc.constantFrom('"a"', '"Ab c"', '"10"', '"9"', '""', '"😀x"');
const { expression } = fc.letrec<{ expression: string; list: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    number,
    words,
    fc.constantFrom("true", "false", "null", "undefined"),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom("+", "-", "*", "/", "%", "<", ">=", "===", "!==", "&", "|", "^", ">>>"),
        tie("expression"),
      )
      .map(([a, sign, b]) => `((${a}) ${sign} (${b}))`),
    fc
      .tuple(tie("expression"), fc.constantFrom("&&", "||", "??"), tie("expression"))
      .map(([a, sign, b]) => `((${a}) ${sign} (${b}))`),
    fc
      .tuple(tie("expression"), tie("expression"), tie("expression"))
      .map(([a, b, c]) => `((${a}) ? (${b}) : (${c}))`),
    fc
      .tuple(fc.constantFrom("!", "-", "+", "~", "typeof "), tie("expression"))
      .map(([sign, a]) => `${sign}(${a})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `\`<\${${a}}-\${${b}}>\``),
    fc
      .tuple(tie("expression"), tie("expression"))
      .map(([a, b]) => `({ b: ${a}, 2: 0, ...{ a: ${b}, 1: ${a} }, ["k" + 1]: ${b} })`),
    fc
      .tuple(
        words,
        fc.constantFrom(
          "toUpperCase()",
          "slice(-2)",
          "padStart(4, 'xy')",
          "split('')",
          "replaceAll('a', '$&$&')",
          "repeat(2)",
          "at(-1)",
          "includes('b', 1)",
          "length",
        ),
      )
      .map(([a, method]) => `(${a}).${method}`),
    tie("list"),
    fc
      .tuple(
        tie("list"),
        fc.constantFrom(
          "join('+')",
          "length",
          "indexOf(1, 1)",
          "includes(1, 1)",
          "at(-1)",
          "slice(1, -1)",
          "some((x) => x)",
          "every((x) => x)",
          "find((x) => x)",
          "reduce((a, b) => [a, b], 0)",
          "[1]?.a",
        ),
      )
      .map(([a, method]) => `(${a}).${method}`),
  ),
  list: fc.oneof(
    { maxDepth: 4 },
    fc.array(tie("expression"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.tuple(tie("list"), tie("list")).map(([a, b]) => `[...${a}, 1, ...${b}]`),
    fc
      .tuple(
        tie("list"),
        fc.constantFrom(
          "map((x, i) => [x, i])",
          "filter((x) => x)",
          "flatMap((x) => [x, x])",
          "concat([1], 2)",
          "map((x, ...rest) => rest.length)",
        ),
      )
      .map(([a, method]) => `${a}.${method}`),
  ),
}));

test("whatever is accepted equals what Node gives for the same file", () => {
  const programs = fc
    .sample(expression, { numRuns: 600, seed: 20_261_123 })
    .map(
      (text) =>
        `const f = (n: number, m = n) => ({ n, m }); export const r = [${text}, f(1)] as unknown;`,
    );
  const said = nodeSays(programs);
  const accepted = programs.flatMap((program, index) => {
    const ours = weSay(program);
    return ours === null ? [] : [{ program, ours, node: said[index] }];
  });
  expect(accepted.filter(({ ours, node }) => ours !== node)).toEqual([]);
  // A generator whose programs are all refused would prove nothing.
  expect(accepted.length).toBeGreaterThan(200);
});

test("what Node refuses to run, or reads otherwise, is never given a value of our own", () => {
  const programs = [
    "export const r = [1, 2, 1].indexOf(1, 1);",
    "export const r = [1, 2, 3].includes(1, 1);",
    "export const r = 'a'.split(undefined, 0);",
    "const y = 5; const f = (c: boolean) => { if (c) { var y = 1 } return y; }; export const r = [f(false)];",
    "const C = 1; const f = () => { return C; class C {} }; export const r = f();",
    "const b = 1; const f = (a = b, b = 2) => a; export const r = f();",
    "const f = (a: number, a: number) => a; export const r = f(1, 2);",
    "const a = 1; const a = 2; export const r = a;",
    "const f = (a: number) => { const a = 2; return a; }; export const r = f(1);",
    "export const r = null ?? 1 || 2;",
    "const let = 1; export const r = 1;",
    "const arguments = 1; export const r = 1;",
    "export const r = JSON.stringify({ toJSON: () => 1 });",
    "export const r = 1; export { r };",
    "const f = (x: number) => { if (x) function h() { return 1; } return 2; }; export const r = f(0);",
  ];
  const said = nodeSays(programs);
  const wrong = programs.filter((program, index) => {
    const ours = weSay(program);
    return ours !== null && ours !== said[index];
  });
  expect(wrong).toEqual([]);
});

test("an operator outside the language is refused at its place, not a crash", () => {
  for (const sign of ["==", "!=", ",", "=", "+=", "??=", "instanceof"])
    expect([sign, codesOf(`const a = [1]; export const r = (a ${sign} a);`)]).toEqual([
      sign,
      ["evaluate/not-in-the-language"],
    ]);
});

test("no input makes the evaluation hang, overflow or fill the memory", () => {
  const doubled = (last: string) =>
    `const a0 = [0]; ${Array.from({ length: 40 }, (_, i) => `const a${i + 1} = [a${i}, a${i}];`).join(" ")} ${last}`;
  const range = 'import { range } from "@millwright/schema";';
  const bombs: readonly (readonly [text: string, code: string, path?: string])[] = [
    [doubled("export const r = JSON.stringify(a40);"), "evaluate/too-large"],
    [
      `import { model } from "@millwright/schema"; ${doubled("export const r = model({ name: 'm', x: a40 });")}`,
      "evaluate/too-large",
    ],
    [`${range} export const r = range(1e9);`, "evaluate/too-large"],
    [
      `${range} const x = range(100_000); export const r = Math.max(...x, ...x, ...x);`,
      "evaluate/too-large",
    ],
    [`${range} export const r = range(1000).map(() => range(10_000));`, "evaluate/too-much-work"],
    [
      `${range} import { model } from "@millwright/schema"; export const r = model({ name: "m", x: range(1000).reduce((a) => [a], []) });`,
      "evaluate/too-deep",
    ],
    [`export const r = ${"(".repeat(50_000)}1${")".repeat(50_000)};`, "evaluate/too-deep"],
    ["const a = (n) => b(n); const b = (n) => a(n); export const r = a(1);", "evaluate/too-deep"],
    [
      `kind: model\na0: &a0 [x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`,
      "evaluate/too-large",
      "factories/p.yaml",
    ],
    ["kind: &a\n  b: *a\n", "evaluate/yaml", "factories/p.yaml"],
  ];
  for (const [text, code, path] of bombs) expect(codesOf(text, path)).toEqual([code]);
}, 20_000);
