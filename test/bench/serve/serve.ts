/**
 * `npm run bench -- serve [--seconds 60] [--requests 10000] [--json]`: what gateway and runner add to the engine.
 *
 * In: how long to measure speed, how many requests to watch memory over. Out: speed, waiting and memory of the real agent
 * with real runners, on a generated model of 100 M parameters; ratios against node-llama-cpp called directly, in turn
 * with it in the same run, on one thread each. What is said is nonsense; what it costs is not.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "@millwright/schema";
import { randomFrom } from "../../random.ts";
import type { Figure } from "../bench.ts";
import { type Client, clientOf } from "./client.ts";
import { type Direct, direct } from "./direct.ts";
import { type Served, type ServingHost, servingHost } from "./host.ts";
import { benchModel } from "./model.ts";

const PARALLEL = 32;
const CONTEXT = 512;
const IDLE_STREAMS = 200;
const CANCELS = 5;

export interface ServeOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly requests: number;
}

interface Bench {
  readonly host: ServingHost;
  readonly client: Client;
  readonly floor: Direct;
  /** A prompt that nobody had before. */
  readonly prompt: (words: number) => string;
}

export async function benchServe(options: ServeOptions): Promise<readonly Figure[]> {
  const { seed, seconds, requests } = options;
  const model = await benchModel(seed);
  const tiny = tinyModel();
  const served: readonly Served[] = [
    { ...model, name: "many", context: CONTEXT, parallel: PARALLEL },
    { ...model, name: "long", context: 5_120, parallel: 4 },
    { ...model, name: "idle", context: 256, parallel: IDLE_STREAMS },
    { ...tiny, name: "tiny", context: 256, parallel: 8 },
  ];
  await using host = await servingHost(served);
  await using floor = await direct(model.path, PARALLEL, CONTEXT);
  const bench = { host, floor, client: clientOf(host.url), prompt: promptsFrom(seed) };
  const figures: Figure[] = [];
  const rounds = Math.max(1, Math.round(seconds / 20));
  const speeds = await speed(bench, rounds);
  figures.push(...speeds.figures);
  figures.push({
    ...{ name: "serve: weights read a second by one request", unit: "GB/s" },
    value: rounded((speeds.alone * model.size) / 1e9, 1),
  });
  figures.push(...(await firstToken(bench, Math.max(20, seconds * 5))));
  figures.push(...(await sharedPrefix(bench)));
  figures.push(...(await cancelled(bench)));
  figures.push(...(await idleStreams(bench)));
  figures.push(...(await growth(bench, requests)));
  return figures;
}

/** Tokens a second, through the gateway and directly in turn: a machine that is busy for a while is so for both. */
async function speed({ client, floor, prompt }: Bench, rounds: number) {
  const figures: Figure[] = [];
  const at = new Map<number, readonly [through: number, bare: number]>();
  for (const count of [1, 8, 32]) {
    const most = count === 1 ? 128 : 64;
    const [through, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      const prompts = Array.from({ length: count }, () => prompt(6));
      const answer = await floor.ask({ prompts: prompts.map(chatMl), most, isSame: false });
      const begun = performance.now();
      const answers = await Promise.all(
        prompts.map((text) => client.stream({ model: "many", prompt: text, most })),
      );
      const ms = performance.now() - begun;
      const tokens = answers.reduce((sum, { tokens: written }) => sum + written, 0);
      // The first round warms both up.
      if (round === 0) continue;
      bare.push((answer.tokens / answer.ms) * 1_000);
      through.push((tokens / ms) * 1_000);
    }
    at.set(count, [median(through), median(bare)]);
    figures.push({
      ...{ name: `serve: ${count} at once, tokens a second`, unit: "/s" },
      ...{ value: rounded(median(through), 1), floor: rounded(median(bare), 1) },
      ratio: rounded(median(through.map((value, index) => value / (bare[index] ?? 1))), 3),
    });
  }
  const [alone, bareAlone] = at.get(1) ?? [1, 1];
  const [eight, bareEight] = at.get(8) ?? [1, 1];
  const [value, bare] = [eight / alone, bareEight / bareAlone];
  figures.push({
    ...{ name: "serve: tokens a second of 8 at once, of those of one", unit: "×" },
    ...{ value: rounded(value, 2), floor: rounded(bare, 2), ratio: rounded(value / bare, 2) },
  });
  return { figures, alone };
}

/** The same prompt again and again, so that the engine has one token to read: what is left is ours. */
async function firstToken(
  { client, floor, prompt }: Bench,
  times: number,
): Promise<readonly Figure[]> {
  const text = prompt(6);
  const [through, bare]: [number[], number[]] = [[], []];
  await floor.ask({ prompts: [chatMl(text)], most: 1, isSame: false });
  for (let time = -3; time < times; time += 1) {
    const { firsts } = await floor.ask({ prompts: [chatMl(text)], most: 1, isSame: true });
    const { firstMs } = await client.stream({ model: "many", prompt: text, most: 1 });
    if (time < 0) continue;
    bare.push(firsts[0] ?? 0);
    through.push(firstMs);
  }
  return [0.5, 0.99].map((share) => {
    const [value, least] = [quantile(through, share), quantile(bare, share)];
    return {
      ...{ name: `serve: added to the first token, p${share * 100}`, unit: "ms" },
      value: rounded(value - least, 2),
    };
  });
}

async function sharedPrefix({ client, prompt }: Bench): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const prefix = prompt(600);
    const ask = (end: string) => client.stream({ model: "long", prompt: prefix + end, most: 1 });
    const cold = await ask(" one");
    const warm = await ask(" two");
    ratios.push(cold.firstMs / warm.firstMs);
  }
  const name = "serve: first token of a cold prompt, of that of a shared prefix";
  return [{ name, value: rounded(median(ratios), 1), unit: "×" }];
}

/** From when the client leaves until the engine works at nothing, as `/metrics` says. */
async function cancelled({ host, client, prompt }: Bench): Promise<readonly Figure[]> {
  const waits: number[] = [];
  for (let time = 0; time < CANCELS; time += 1) {
    const leave = new AbortController();
    const asked = client
      .stream({ model: "long", prompt: prompt(1_750), most: 1, signal: leave.signal })
      .catch(() => undefined);
    const isAtWork = async () =>
      (await host.metric("millwright_runner_requests_active", "long")) === 1;
    while (!(await isAtWork())) await delay(10);
    await delay(500 + 200 * time);
    const begun = performance.now();
    leave.abort();
    while (await isAtWork()) await delay(2);
    waits.push(performance.now() - begun);
    if ((await asked) !== undefined) throw new Error("the prompt was read before it was cancelled");
  }
  return [
    {
      ...{ name: "serve: a cancelled prompt of 4,000 tokens frees its slot, slowest" },
      ...{ value: Math.round(Math.max(...waits)), unit: "ms" },
    },
  ];
}

/** What so many streams cost that are open and say little: the engine shares its core among all of them. */
async function idleStreams({ host, client, prompt }: Bench): Promise<readonly Figure[]> {
  const before = host.memory();
  const leave = new AbortController();
  let begun = 0;
  const streams = Array.from({ length: IDLE_STREAMS }, () =>
    client
      .stream({
        ...{ model: "idle", prompt: prompt(3), most: 200, signal: leave.signal },
        begun: () => {
          begun += 1;
        },
      })
      .catch((error: unknown) => error),
  );
  while (begun < IDLE_STREAMS) await delay(100);
  const cost = host.memory() - before;
  leave.abort();
  await Promise.all(streams);
  const name = `serve: memory of the main process for ${IDLE_STREAMS} open streams`;
  return [{ name, value: rounded(cost / 1e6, 1), unit: "MB" }];
}

/** Resident memory over many requests, as the line through it rises. */
async function growth(
  { host, client, prompt }: Bench,
  requests: number,
): Promise<readonly Figure[]> {
  const every = Math.max(1, Math.floor(requests / 100));
  const samples: { done: number; agent: number; runner: number }[] = [];
  let [asked, done] = [0, 0];
  const people = Array.from({ length: 8 }, async () => {
    while (asked < requests) {
      asked += 1;
      await client.stream({ model: "tiny", prompt: prompt(4), most: 4 });
      done += 1;
      if (done % every === 0)
        samples.push({ done, agent: host.memory(), runner: await host.memoryOf("tiny") });
    }
  });
  const begun = performance.now();
  await Promise.all(people);
  const seconds = (performance.now() - begun) / 1_000;
  // Heaps and pools fill up before they are as large as they will be.
  const settled = samples.slice(Math.floor(samples.length / 3));
  const slope = (of: "agent" | "runner") =>
    Math.round(rise(settled.map((sample) => [sample.done, sample[of]])));
  return [
    {
      name: `serve: growth of the main process over ${requests}`,
      value: slope("agent"),
      unit: "bytes/request",
    },
    {
      name: `serve: growth of the runner over ${requests}`,
      value: slope("runner"),
      unit: "bytes/request",
    },
    {
      name: "serve: requests to the tiny model, 8 at once",
      value: Math.round(requests / seconds),
      unit: "/s",
    },
  ];
}

/** Of the line through points, by least squares. */
function rise(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const [over, under] = points.reduce(
    ([above, below], [a, b]) => [above + (a - x) * (b - y), below + (a - x) ** 2],
    [0, 0],
  );
  return over / under;
}

const words = "the parcel order late team mail from open city stock price return note week".split(
  " ",
);

function promptsFrom(seed: number): (count: number) => string {
  const random = randomFrom(seed);
  return (count) =>
    Array.from({ length: count }, () => words[random.between(0, words.length)]).join(" ");
}

/** What the model's template makes of a mail. */
function chatMl(text: string): string {
  return `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
}

function tinyModel() {
  const path = join(import.meta.dirname, "../../../factories/models/mail-triage.gguf");
  const bytes = readFileSync(path);
  return { path, digest: digestOf(bytes), size: bytes.length };
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
