/** What is accepted is what Node gives for the same file. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { evaluateFile } from "../../compiler/evaluate/evaluate.ts";
import { encode } from "./evaluate-encode.ts";
import { program } from "./evaluate-programs.ts";

/** Imports every program in one process and prints what each gives. */
const runner = `
import { encode } from ${JSON.stringify(join(import.meta.dirname, "evaluate-encode.ts"))};
const results = [];
for (let at = 0; at < Number(process.argv[2]); at += 1)
  results.push(await import("./" + at + ".ts").then(
    ({ value }) => ({ value: encode(value) }),
    (error) => ({ threw: String(error) }),
  ));
process.stdout.write(JSON.stringify(results));
`;

/** What Node gives for each text: its value, or what it threw. */
function inNode(texts: readonly string[]): readonly ({ value: unknown } | { threw: string })[] {
  const folder = mkdtempSync(join(tmpdir(), "millwright-evaluate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "run.ts"), runner);
  for (const [at, text] of texts.entries()) writeFileSync(join(folder, `${at}.ts`), text);
  const said = execFileSync(execPath, ["run.ts", String(texts.length)], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 ** 2,
    env: { PATH: env["PATH"] },
  });
  return JSON.parse(said);
}

function ours(text: string) {
  const files = new Map([["factories/a.ts", new TextEncoder().encode(text)]]);
  return evaluateFile({ repository: "test", files }, "factories/a.ts");
}

test("random programs come to the value that Node gives them, or are refused for what Node throws", () => {
  const seed = Number(env["SEED"] ?? 1);
  const programs = fc.sample(program, { numRuns: 300, seed });
  const results = inNode(programs);
  let accepted = 0;
  for (const [at, text] of programs.entries()) {
    const mine = ours(text);
    const node = results[at];
    const about = `seed ${seed}, program ${at}:\n${text}`;
    if (mine.ok) {
      accepted += 1;
      expect({ value: JSON.parse(JSON.stringify(encode(mine.value["value"]))) }, about).toEqual(
        node,
      );
    } else {
      // A refusal is honest: either Node throws too, or the language says that it leaves this out.
      const threw = node !== undefined && "threw" in node;
      const said = mine.problems.map(({ code, message }) => `${code}: ${message}`);
      const left = said.filter((each) => !each.startsWith("evaluate/not-in-the-language"));
      expect(threw ? [] : left, `${about}\n${said.join("\n")}`).toEqual([]);
    }
  }
  // The grammar above is that of the language, so hardly anything is refused.
  expect(accepted).toBeGreaterThan(0.8 * programs.length);
});
