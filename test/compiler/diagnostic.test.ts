import { describe, expect, test } from "vitest";
import { textOf } from "../../compiler/diagnostic/diagnostic.ts";

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
