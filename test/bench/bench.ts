/**
 * `npm run bench -- NAME`: measures, and prints one line of JSON a figure:
 * `{ name, value, unit, floor?, ratio? }`. Never part of the tests: machines are shared and noisy.
 */
import { argv, exit, stderr, stdout } from "node:process";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same work done the barest way, in the same run. */
  readonly floor?: number;
  readonly ratio?: number;
}

const benches: Record<string, () => Promise<readonly Figure[]>> = {
  start: async () => (await import("./start.ts")).start(),
};

const name = argv[2] ?? "";
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  stderr.write(
    `There is no bench “${name}”. The benches are: ${Object.keys(benches).join(", ")}.\nExample: npm run bench -- start\n`,
  );
  exit(2);
}
for (const figure of await bench()) stdout.write(`${JSON.stringify(figure)}\n`);
