/** What is accepted is what Node gives for the same file. */
import { env } from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateFile } from "../../compiler/evaluate/evaluate.ts";
import { encode } from "./evaluate-encode.ts";
import { changingProgram, program } from "./evaluate-programs.ts";
import { type Answer, inNode } from "./node-oracle.ts";

function ours(text: string) {
  const files = new Map([["factories/a.ts", new TextEncoder().encode(text)]]);
  return evaluateFile({ repository: "test", files }, "factories/a.ts");
}

/** As many as CI runs; any number by hand: `PROGRAMS=100000 SEED=7 npx vitest run test/compiler/evaluate-node.test.ts`. */
const wanted = Number(env["PROGRAMS"] ?? 2400);
const seed = Number(env["SEED"] ?? 1);

test.each([
  ["expressions", program, 0.8],
  ["functions that change what they made", changingProgram, 0.4],
] as const)(
  "random programs of %s come to the value that Node gives them, or are refused for what Node throws",
  (_, grammar, least) => {
    const programs = fc.sample(grammar, { numRuns: wanted / 2, seed });
    let accepted = 0;
    for (let start = 0; start < programs.length; start += 1000) {
      const batch = programs.slice(start, start + 1000);
      const results = inNode(batch);
      for (const [at, text] of batch.entries())
        if (agrees(text, results[at], `seed ${seed}, program ${start + at}`)) accepted += 1;
    }
    // The grammar above is that of the language, so much of it is accepted.
    expect(accepted).toBeGreaterThan(least * programs.length);
  },
  wanted * 100,
);

/** Whether the program was accepted; fails when that, or its value, is wrong. */
function agrees(text: string, node: Answer | undefined, name: string): boolean {
  const mine = ours(text);
  const about = `${name}:\n${text}`;
  if (mine.ok) {
    expect(node, about).toEqual({ value: JSON.parse(JSON.stringify(encode(mine.value["value"]))) });
    return true;
  }
  // A refusal is honest: either Node throws too, or the language says that it leaves this out.
  const threw = node !== undefined && "threw" in node;
  const said = mine.problems.map(({ code, message }) => `${code}: ${message}`);
  const left = said.filter(
    (each) => !/^evaluate\/(not-in-the-language|changed-from-outside|too-large)/.test(each),
  );
  expect(threw ? [] : left, `${about}\n${said.join("\n")}`).toEqual([]);
  return false;
}
