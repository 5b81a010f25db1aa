/** What Node gives for a program: the oracle of the definition language. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { onTestFinished } from "vitest";

/** Imports every program in one process and prints what each gives. */
const runner = `
import { encode } from ${JSON.stringify(join(import.meta.dirname, "evaluate-encode.ts"))};
const results = [];
for (let at = 0; at < Number(process.argv[2]); at += 1)
  results.push(await import("./" + at + ".ts")
    .then((all) => ({ value: encode(all[process.argv[3]]) }))
    .catch((error) => ({ threw: String(error) })));
process.stdout.write(JSON.stringify(results));
`;

export type Answer = { value: unknown } | { threw: string };

/** What Node gives for the export of that name in each text: its value, or what it threw. */
export function inNode(texts: readonly string[], name = "value"): readonly Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "millwright-evaluate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules/@millwright"), { recursive: true });
  symlinkSync(
    join(import.meta.dirname, "../../schema"),
    join(folder, "node_modules/@millwright/schema"),
  );
  writeFileSync(join(folder, "run.ts"), runner);
  for (const [at, text] of texts.entries()) writeFileSync(join(folder, `${at}.ts`), text);
  const said = execFileSync(execPath, ["run.ts", String(texts.length), name], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 ** 2,
    env: { PATH: env["PATH"] },
  });
  return JSON.parse(said);
}
