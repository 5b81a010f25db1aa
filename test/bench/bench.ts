/**
 * `npm run bench -- NAME`: measures, and prints one line a figure; with `--json` as
 * `{ name, value, unit, floor?, ratio? }`. Never part of the tests: machines are shared and noisy.
 */
import { exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same work done the barest way, in the same run. */
  readonly floor?: number;
  readonly ratio?: number;
}

type Bench = (options: {
  readonly hosts: readonly number[];
  readonly seed: number;
  readonly agents: number;
  /** Without TLS. */
  readonly plain: boolean;
  /** How long something idle is watched. */
  readonly seconds: number;
  /** Over how many requests memory is watched. */
  readonly requests: number;
}) => Promise<readonly Figure[]>;

const benches: Readonly<Record<string, Bench>> = {
  start: async () => (await import("./start.ts")).start(),
  compile: async ({ hosts, seed }) =>
    (await import("./compile/compile.ts")).benchCompile(hosts, seed),
  place: async ({ seed }) => (await import("./place/place.ts")).benchPlace(seed),
  diff: async ({ hosts, seed }) => (await import("./diff/diff.ts")).benchDiff(hosts, seed),
  gpu: async ({ seconds }) => (await import("./gpu/gpu.ts")).benchGpu(seconds),
  agent: async ({ seconds }) => (await import("./agent/agent.ts")).benchAgent(seconds),
  serve: async ({ seed, seconds, requests }) =>
    (await import("./serve/serve.ts")).benchServe({ seed, seconds, requests }),
  swarm: async ({ agents, seed, plain }) =>
    (await import("./swarm/swarm.ts")).benchSwarm({ agents, seed }, plain),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hosts: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    agents: { type: "string", default: "10000" },
    seconds: { type: "string", default: "60" },
    requests: { type: "string", default: "10000" },
    plain: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [name = ""] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
const hosts = values.hosts.split(",").map(Number);
const [seed, agents] = [Number(values.seed), Number(values.agents)];
const [seconds, requests] = [Number(values.seconds), Number(values.requests)];
const isNumber = (number: number) => Number.isInteger(number) && number > 0;
if (bench === undefined || ![...hosts, seed, agents, seconds, requests].every(isNumber)) {
  stderr.write(
    `The benches are: ${Object.keys(benches).join(", ")}.\nExample: npm run bench -- compile --hosts 1000,10000 --json\n`,
  );
  exit(2);
}
for (const figure of await bench({
  ...{ hosts, seed, agents, seconds, requests },
  plain: values.plain,
}))
  stdout.write(values.json ? `${JSON.stringify(figure)}\n` : `${lineOf(figure)}\n`);

function lineOf({ name: what, value, unit, floor, ratio }: Figure): string {
  const against = ratio === undefined ? "" : `  ${ratio} × the floor of ${floor} ${unit}`;
  return `${what.padEnd(64)} ${value} ${unit}${against}`;
}
