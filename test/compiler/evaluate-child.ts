/** Evaluates each `[file, text]` of the JSON on stdin; prints the codes that it ends in, and how long that took. */
import { readFileSync } from "node:fs";
import { evaluate } from "../../compiler/evaluate/evaluate.ts";

const inputs: readonly (readonly [string, string])[] = JSON.parse(readFileSync(0, "utf8"));
const fates = inputs.map(([file, text]) => {
  const start = performance.now();
  const files = new Map([[`factories/${file}`, new TextEncoder().encode(text)]]);
  const stage = evaluate({ repository: "test", files });
  const found = stage.ok ? stage.warnings : stage.problems;
  return { codes: found.map(({ code }) => code), ms: performance.now() - start };
});
process.stdout.write(JSON.stringify(fates));
