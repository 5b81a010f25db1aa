import { expect, test } from "vitest";
import { editsBetween } from "../../agent/routing/edit-distance.ts";

test.each([
  ["kitten", "sitting", 3, 3 / 7],
  ["", "", 0, 0],
  ["", "abc", 3, 1],
  ["same", "same", 0, 0],
  ["aaaa", "aaa", 1, 1 / 4],
  ["abab", "ab", 2, 1 / 2],
  // One code point each, though two units of UTF-16.
  ["🙂🙃", "🙂🙂", 1, 1 / 2],
])("from %j to %j", (before, after, editDistance, editRatio) => {
  expect(editsBetween(before, after)).toEqual({ editDistance, editRatio });
  expect(editsBetween(after, before)).toEqual({ editDistance, editRatio });
});

test("a small change in a long text is found, a long rewrite is not counted", () => {
  const long = "word ".repeat(1_500);
  expect(
    editsBetween(`${long}a${long.slice(0, 2_000)}`, `${long}b${long.slice(0, 2_000)}`),
  ).toEqual({
    editDistance: 1,
    editRatio: 1 / 9_501,
  });
  expect(editsBetween("a".repeat(9_000), "b".repeat(9_000))).toBeUndefined();
  expect(editsBetween("a".repeat(10_001), "b")).toBeUndefined();
});
