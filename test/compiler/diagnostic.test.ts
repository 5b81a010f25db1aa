import { describe, expect, test } from "vitest";
import {
  type Diagnostic,
  githubOf,
  jsonOf,
  sarifOf,
  textOf,
} from "../../compiler/diagnostic/diagnostic.ts";

/** The line with its squiggles below, for the place of `marked`. */
function excerpt(line: string, marked: string): readonly string[] {
  const start = line.indexOf(marked);
  const at = { file: "a.ts", start, end: start + marked.length };
  const shown = textOf(
    [{ code: "check/unknown-name", severity: "error", message: "m", at }],
    new Map([["a.ts", Buffer.from(line)]]),
  );
  return shown.split("\n").slice(3, 5);
}

describe("squiggles stand below what they mean, as a terminal shows it", () => {
  test.each<[what: string, line: string, marked: string, before: number, length: number]>([
    ["plain text", "abc def", "def", 4, 3],
    ["accents and Cyrillic", "größe Я def", "def", 8, 3],
    ["an accent of its own", "cafe\u0301 def", "def", 5, 3],
    ["Chinese", '"邮件分类" def', "def", 11, 3],
    ["Chinese itself", '"邮件分类"', "邮件", 1, 4],
    ["Japanese and full width", "「メール」ＡＢ def", "def", 15, 3],
    ["half width", "ﾒｰﾙ def", "def", 4, 3],
    ["Korean, written in letters and in syllables", "한\u1112\u1161\u11ab def", "def", 5, 3],
    ["an emoji", "🧵 def", "def", 3, 3],
    ["a family of emoji, joined", "👩‍👩‍👧 def", "def", 3, 3],
    ["a flag", "🇩🇪 def", "def", 3, 3],
    ["a heart made an emoji", "❤️ def", "def", 3, 3],
    ["a sign that is text", "© def", "def", 2, 3],
  ])("%s", (_, line, marked, before, length) => {
    expect(excerpt(line, marked)).toEqual([
      `1 | ${line}`,
      `  | ${" ".repeat(before)}${"~".repeat(length)}`,
    ]);
  });

  test("a long line is cut between characters", () => {
    const line = `${"🧵".repeat(200)}def`;
    const [shown = "", squiggles = ""] = excerpt(line, "def");
    expect(shown.isWellFormed()).toBe(true);
    const threads = shown.split("🧵").length - 1;
    expect(shown).toBe(`1 | ${"🧵".repeat(threads)}def`);
    expect(squiggles).toBe(`  | ${" ".repeat(2 * threads)}~~~`);
  });

  test("an odd start of the cut moves to the next character", () => {
    const line = `x${"🧵".repeat(200)}def`;
    const [shown = ""] = excerpt(line, "def");
    expect(shown.startsWith("1 | 🧵")).toBe(true);
    expect(shown.endsWith("🧵def")).toBe(true);
  });

  test("nothing at the end of a line is still pointed at", () => {
    const at = { file: "a.ts", start: 3, end: 3 };
    const shown = textOf(
      [{ code: "check/unknown-name", severity: "error", message: "m", at }],
      new Map([["a.ts", Buffer.from("abc\ndef\n")]]),
    );
    expect(shown.split("\n")[4]).toBe("  |    ~");
  });
});

/** Diagnostics at these places of one file. */
function places(
  ...spans: readonly (readonly [start: number, end: number])[]
): readonly Diagnostic[] {
  return spans.map(([start, end]) => ({
    code: "check/unknown-name",
    severity: "error",
    message: "m",
    at: { file: "a.ts", start, end },
  }));
}

function positions(
  text: string,
  ...spans: readonly (readonly [number, number])[]
): readonly string[] {
  return jsonOf(places(...spans), new Map([["a.ts", Buffer.from(text)]])).map(
    ({ range: { start, end } }) => `${start.line}:${start.column}-${end.line}:${end.column}`,
  );
}

describe("places are told as editors count them", () => {
  test("a byte order mark takes no column, and neither does what ends a line", () => {
    expect(positions("\ufeffab\r\ncd\r\n", [0, 2], [2, 4], [3, 4], [4, 6], [6, 8])).toEqual([
      "1:1-1:3",
      "1:3-2:1",
      "1:3-2:1",
      "2:1-2:3",
      "2:3-3:1",
    ]);
  });

  test("a carriage return alone ends no line", () => {
    expect(positions("a\rb\n\rc\n", [2, 3], [5, 6])).toEqual(["1:3-1:4", "2:2-2:3"]);
  });

  test("a place outside of the file is its end, and a file that is not there has one line", () => {
    expect(positions("ab\ncd", [5, 99], [77, 99])).toEqual(["2:3-2:3", "2:3-2:3"]);
    expect(jsonOf(places([3, 4]), new Map())[0]?.range.start).toEqual({ line: 1, column: 1 });
  });
});

describe("what is shown of a line", () => {
  test("a tab is one blank, so that squiggles stand where they should", () => {
    expect(excerpt("\t\tabc\tdef", "def")).toEqual(["1 |   abc def", "  |       ~~~"]);
  });

  test("a range over several lines is shown by its first", () => {
    expect(excerpt("a {\r\n  b\r\n}", "{\r\n  b\r\n}")).toEqual(["1 | a {", "  |   ~"]);
  });

  test("a long line is cut around the place, wherever it is, and between characters at both ends", () => {
    const line = `${"a".repeat(500)}def${"🧵".repeat(500)}`;
    const [shown = "", squiggles = ""] = excerpt(line, "def");
    expect(shown).toMatch(/^1 \| a{59}def🧵+$/u);
    expect(shown.isWellFormed()).toBe(true);
    expect(shown.indexOf("def")).toBe(squiggles.indexOf("~~~"));
  });

  test("a message of megabytes is cut, and says by how much", () => {
    const found = places([0, 1]).map((each) => ({ ...each, message: "🧵".repeat(1_000_000) }));
    const shown = textOf(found, new Map([["a.ts", Buffer.from("a")]]));
    expect(shown.split("\n")[0]).toMatch(
      /^error\[check\/unknown-name\]: 🧵{2000}… \(1,996,000 more characters\)$/u,
    );
    expect(jsonOf(found, new Map())[0]?.message.length).toBeLessThan(4_100);
  });
});

describe("never slow: a thousand places, in every form, within a second", () => {
  const size = 50 * 1024 ** 2;
  const spans = Array.from({ length: 1_000 }, (_, index): [number, number] => [
    index * 50_000,
    size,
  ]);
  test.each([
    ["a file of one endless line", Buffer.alloc(size, "a")],
    [
      "one that ends in a carriage return",
      Buffer.concat([Buffer.alloc(size, "🧵"), Buffer.from("\r\n")]),
    ],
    ["a file of nothing but line feeds", Buffer.alloc(size / 25, "\n")],
  ])("%s", (_, bytes) => {
    const files = new Map([["a.ts", bytes]]);
    const found = places(...spans);
    const tool = { name: "m", version: "1" };
    for (const form of [
      () => textOf(found, files).length,
      () => JSON.stringify(jsonOf(found, files)).length,
      () => JSON.stringify(sarifOf(found, { files, folder: "" }, tool)).length,
      () => githubOf(found, files).length,
    ]) {
      const began = performance.now();
      expect(form()).toBeGreaterThan(50_000);
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });
});
