/** Evaluates each `[file, text]` of the JSON on stdin; prints the codes that it ends in, and the milliseconds of processor that took. */
import { text as textOf } from "node:stream/consumers";
import { evaluate } from "../../compiler/evaluate/evaluate.ts";

const inputs: readonly (readonly [string, string])[] = JSON.parse(await textOf(process.stdin));
const fates = inputs.map(([file, text]) => {
  const start = process.cpuUsage();
  const files = new Map([[`factories/${file}`, new TextEncoder().encode(text)]]);
  const stage = evaluate({ repository: "test", files });
  const found = stage.ok ? stage.warnings : stage.problems;
  return { codes: found.map(({ code }) => code), ms: spentSince(start) };
});
process.stdout.write(JSON.stringify(fates));

/** Of the processor, not of the clock: the machine may be doing other things. */
function spentSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
