/** A model whose keys and values are packed, asked through its own process. */
import { expect, test } from "vitest";
import { digestOfSpec } from "../../agent/runner/runner.ts";
import { answer, line, mail, runner, specOf } from "./runner-kit.ts";

test.each(["q8_0", "q4_0"] as const)("a model loads and answers with a %s cache", async (cache) => {
  const { engine } = await runner({ cache });
  const { text } = await answer(engine, mail);
  expect(text).toBe(line);
});

test("another cache is another instance, and no word of it the one that there always was", () => {
  const digests = [specOf(), specOf({ cache: "q8_0" }), specOf({ cache: "q4_0" })].map(
    digestOfSpec,
  );
  expect(new Set(digests).size).toBe(3);
});
