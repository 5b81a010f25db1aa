// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { expect, test } from "vitest";
import type { Code } from "../../compiler/diagnostic/diagnostic.ts";
import { bombs } from "./evaluate-bomb-inputs.ts";

interface Fate {
  readonly codes: readonly Code[];
  readonly ms: number;
}

/** In a process of its own: as the compiler runs, and out of the way of what a bomb might do. */
function fates(): readonly Fate[] {
  const said = execFileSync(execPath, [join(import.meta.dirname, "evaluate-child.ts")], {
    input: JSON.stringify(bombs.map(([, file, text]) => [file, text])),
    encoding: "utf8",
    timeout: 50_000,
  });
  return JSON.parse(said);
}

/** Half a second on an idle machine: what grows without end is beyond this on any, and a slow hour is not. */
const MOST_MS = 8_000;

test("every input ends within seconds of a core, in a diagnostic that says why", () => {
  const all = fates();
  const ended = bombs.map(([what], at) => `${what}: ${all[at]?.codes.join(" ")}`);
  expect(ended).toEqual(bombs.map(([what, , , code]) => `${what}: ${code}`));
  const slow = bombs.filter((_, at) => !((all[at]?.ms ?? Infinity) < MOST_MS));
  expect(slow.map(([what]) => what)).toEqual([]);
});
