/** Any text at all in a definition file ends in plans or in diagnostics, never in an error of ours, and soon. */
import { performance } from "node:perf_hooks";
import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";

const example = await readFolder(process.cwd(), new AbortController().signal);
const sources = [...example.files].map(([path, bytes]) => [path, Buffer.from(bytes)] as const);

/** Any number by hand: MILLWRIGHT_ODD_RUNS=100000 npx vitest run test/compiler/source-odd-text.test.ts */
const numRuns = Number(process.env["MILLWRIGHT_ODD_RUNS"] ?? 300);

/** Compiles the example with one file written otherwise, and shows what was found as a person would see it. */
function survives(path: string, bytes: Uint8Array): void {
  const tree: SourceTree = { ...example, files: new Map([...example.files, [path, bytes]]) };
  const started = performance.now();
  const compiled = compile(tree);
  const found = compiled.ok ? compiled.warnings : compiled.problems;
  const shown = textOf(found, tree.files);
  expect(performance.now() - started).toBeLessThan(2_000);
  if (!compiled.ok) expect(found.length).toBeGreaterThan(0);
  for (const { at } of found) {
    if (at === undefined) continue;
    expect(at.start).toBeGreaterThanOrEqual(0);
    expect(at.end).toBeGreaterThanOrEqual(at.start);
    expect(at.end).toBeLessThanOrEqual((tree.files.get(at.file)?.length ?? 0) + 1);
  }
  // What a file says never steers the terminal.
  expect(shown).not.toMatch(/[^\P{Cc}\n\t]/u);
}

const path = fc.constantFrom(
  "factories/odd.ts",
  "factories/odd.yaml",
  "factories/models.ts",
  "factories/support.ts",
  "factories/reporting.yaml",
  "factories/models.lock.yaml",
);

/** Pieces of the languages that definitions are written in, and what editors and tools put between them. */
const piece = fc.constantFrom(
  ...[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "`",
    "${",
    '"',
    "'",
    "\\",
    "/*",
    "*/",
    "//",
    "=>",
    "...",
    "?.",
    "??",
  ],
  ...[
    "const ",
    "export ",
    "export default ",
    "import ",
    "function f(",
    "for (const x of ",
    "async ",
    "class A ",
    "enum E {",
  ],
  ...["\ufeff", "\u0000", "\u2028", "\r\n", "\t", "\u200b", "🧵", "\ud800", "é", "ß", "\u202e"],
  ...[
    "<<: *a",
    "&a ",
    "*a",
    "---\n",
    "...\n",
    "!!binary ",
    "!!js/function ",
    "? ",
    ": ",
    "- ",
    "|\n",
    ">-\n",
    "%YAML 9.9\n",
    "# ",
  ],
  ...[
    "__proto__: ",
    "constructor",
    "toString",
    "kind: host\n",
    'kind: "fleet"',
    "NaN",
    "1e999",
    "-0",
    "0x",
    "9007199254740993",
    "null",
    "~",
    "undefined",
  ],
  ...[
    "host({",
    "fleet(",
    "model()",
    "range(1e9)",
    "import.meta",
    "new.target",
    "await ",
    "yield ",
    "this",
    "super",
    "eval('1')",
  ],
);

/** One change of a text: something taken out, put in, doubled or moved; or one byte turned into another. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), length: fc.nat(400) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.nat(),
    text: piece,
    times: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    kind: fc.constant("double" as const),
    at: fc.nat(),
    length: fc.nat(400),
    to: fc.nat(),
  }),
  fc.record({ kind: fc.constant("byte" as const), at: fc.nat(), byte: fc.nat(255) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Buffer, change: Change): Buffer {
  const at = change.at % (bytes.length + 1);
  switch (change.kind) {
    case "cut":
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + change.length)]);
    case "insert": {
      const text = Buffer.from(change.text.repeat(change.times));
      return Buffer.concat([bytes.subarray(0, at), text, bytes.subarray(at)]);
    }
    case "double": {
      const part = bytes.subarray(at, at + change.length);
      const to = change.to % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, to), part, bytes.subarray(to)]);
    }
    case "byte": {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = change.byte;
      return copy;
    }
  }
}

describe("any text at all in a definition file", () => {
  test("bytes without any sense", () => {
    const bytes = fc.uint8Array({ maxLength: 2_000 });
    fc.assert(fc.property(path, bytes, survives), { numRuns: Math.ceil(numRuns / 3) });
  });

  test("pieces of the language without any order", () => {
    const text = fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 8 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(path, text, (where, pieces) => survives(where, Buffer.from(pieces.join("")))),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  test("valid definitions that were damaged", () => {
    const source = fc.constantFrom(...sources);
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(source, changes, ([where, bytes], all) =>
        survives(where, all.reduce(changed, bytes)),
      ),
      { numRuns },
    );
  });

  test("valid definitions under the name of another kind of file", () => {
    for (const [from, bytes] of sources)
      for (const to of ["factories/odd.ts", "factories/odd.yaml", "factories/models.lock.yaml"])
        if (from !== to) survives(to, bytes);
  });
});
