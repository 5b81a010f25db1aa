/** Which tokens are evaluated together, and what that means for whoever waits: by the engine's own counts. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { BatchItem, Token } from "node-llama-cpp";
import { beforeAll, describe, expect, test } from "vitest";
import { batchesOf } from "../../agent/runner/process/batches.ts";
import type { EngineStats, RunnerHandle } from "../../agent/runner/runner.ts";
import { isLong } from "../long.ts";
import { servingOf, startGateway, verifiedPlan } from "./gateway-kit.ts";
import { answer, codeOf, complete, line, mail, never, openHost, specOf } from "./runner-kit.ts";

const PARALLEL = 8;
/** In words that are a token each. */
const long = "parcel ".repeat(700);

let shared: RunnerHandle;
beforeAll(async () => {
  const { host, end } = await openHost();
  shared = await host.start(specOf({ context: 1_536, parallel: PARALLEL }), never);
  return end;
});

async function statsOf({ engine }: RunnerHandle): Promise<EngineStats> {
  const stats = await engine.stats?.(never);
  if (stats === undefined) throw new Error("the engine has nothing to tell");
  return stats;
}

async function statsWhen(holds: (stats: EngineStats) => boolean): Promise<EngineStats> {
  for (let tries = 0; tries < 50_000; tries += 1) {
    const stats = await statsOf(shared);
    if (holds(stats)) return stats;
    await delay(1);
  }
  throw new Error("it never was so");
}

const idle = ({ active, waiting }: EngineStats) => active === 0 && waiting === 0;

test("what a request before has left in the engine is told, and not read again", async () => {
  const before = await statsOf(shared);
  const first = await answer(shared.engine, mail);
  const again = await answer(shared.engine, mail);
  expect(first.usage).toEqual({ inputTokens: 31, cachedTokens: 0, outputTokens: 15 });
  // The last token is always read: the answer begins with it.
  expect(again.usage).toEqual({ inputTokens: 31, cachedTokens: 30, outputTokens: 15 });
  const after = await statsOf(shared);
  expect(after.inputTokens - before.inputTokens).toBe(32);
  expect(after.cachedTokens - before.cachedTokens).toBe(30);
  expect(after.outputTokens - before.outputTokens).toBe(30);
  expect(after.memory.ram).toBeGreaterThan(1_000_000);
});

test("requests that write side by side share their batches", async () => {
  const before = await statsOf(shared);
  const said = Array.from({ length: PARALLEL }, (_, index) =>
    complete(shared.engine, `${index} Dear`, { maxTokens: 100, stop: ["\u0000"] }),
  );
  const answers = await Promise.all(said);
  const after = await statsOf(shared);
  // Those that end early leave the batches emptier: count what was written, not what was asked for.
  const written = answers.reduce((sum, { usage }) => sum + usage.outputTokens, 0);
  const longest = Math.max(...answers.map(({ usage }) => usage.outputTokens));
  expect(after.batches - before.batches).toBeLessThan(longest * 1.5 + 30);
  expect(after.batchSequences - before.batchSequences).toBeGreaterThanOrEqual(written);
});

test("a request on a sequence that holds another's text begins while others write without a pause", async () => {
  // Every sequence holds something.
  await Promise.all(
    Array.from({ length: PARALLEL }, (_, n) =>
      complete(shared.engine, `${n}`.repeat(20), { maxTokens: 2 }),
    ),
  );
  let isOver = false;
  const wild = { temperature: 3, topK: 0, topP: 1, maxTokens: 300 };
  const writers = Array.from({ length: 3 }, async (_, n) => {
    for (let seed = n; !isOver; seed += 3)
      await complete(shared.engine, `${seed} Dear`, { ...wild, seed });
  });
  await statsWhen(({ active }) => active === 3);
  // The engine lets nobody erase between two batches while tokens wait for the next: these would wait for ever.
  for (let n = 0; n < 3; n += 1) expect((await answer(shared.engine, mail)).text).toBe(line);
  isOver = true;
  await Promise.all(writers);
});

test("a short request beside long prompts is answered before they are read", async () => {
  let read = 0;
  const reading = Array.from({ length: PARALLEL - 1 }, (_, n) =>
    complete(shared.engine, `Read ${n} ${long}`, { maxTokens: 1 }).then(() => {
      read += 1;
    }),
  );
  await statsWhen(({ active }) => active === PARALLEL - 1);
  const { text } = await answer(shared.engine, mail, { maxTokens: 2 });
  expect(line.startsWith(text)).toBe(true);
  // It takes three or four batches, and they have thousands of tokens, of which a batch takes 512 at most.
  expect(read).toBeLessThan(PARALLEL - 1);
  await Promise.all(reading);
});

test("a client that leaves while its prompt is read stops the engine: through the gateway, by what is evaluated after", async () => {
  const plan = verifiedPlan();
  const deployment = plan.plan.deployments["triage"];
  if (deployment === undefined) throw new Error("impossible: the plan has it");
  const wide = verifiedPlan({ deployments: { triage: { ...deployment, parallel: PARALLEL } } });
  const serving = servingOf(wide, [shared.engine]);
  const { url } = await startGateway([], { serving, plan: () => wide });
  const before = await statsWhen(idle);
  const leave = new AbortController();
  const asked = Array.from({ length: PARALLEL }, (_, index) =>
    fetch(`${url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "triage", prompt: `${index} ${long}`, max_tokens: 1 }),
      signal: leave.signal,
    }).catch((error: unknown) => error),
  );
  const atWork = await statsWhen(
    ({ active, batchTokens }) => active === PARALLEL && batchTokens > before.batchTokens,
  );
  leave.abort();
  await Promise.all(asked);
  const after = await statsWhen(idle);
  const all = PARALLEL * 700;
  expect(atWork.batchTokens - before.batchTokens).toBeLessThan(all / 2);
  // What was in the batch of that moment, and in those until the news came.
  expect(after.batchTokens - before.batchTokens).toBeLessThan((all * 3) / 4);
  expect(serving.out()).toBe(0);
  // The engine is as good as new.
  expect((await answer(shared.engine, mail)).text).toBe(line);
});

test("whoever does not read an answer holds up nobody", async () => {
  const unread = shared.engine
    .generate(
      {
        prompt: { kind: "text", text: "Dear" },
        temperature: 3,
        topK: 0,
        topP: 1,
        seed: 1,
        maxTokens: 200,
      },
      never,
    )
    [Symbol.asyncIterator]();
  await unread.next();
  for (let n = 0; n < 5; n += 1) expect((await answer(shared.engine, mail)).text).toBe(line);
  // It was written all the same: the engine waits for no reader.
  await statsWhen(idle);
  await unread.return?.();
});

test("a request that cannot be answered leaves nothing behind", async () => {
  expect(await codeOf(complete(shared.engine, "parcel ".repeat(1_600)))).toBe("prompt-too-long");
  expect(idle(await statsOf(shared))).toBe(true);
});

const REQUESTS = isLong ? 1_000 : 50;
/** What V8 may let its heap grow by before it looks for garbage; a request's own memory is some 10 kB. */
const SLACK = 24 * 1024 ** 2;
test(`after ${REQUESTS} requests nothing of them stays in the runner's memory`, async () => {
  const resident = () => {
    const status = readFileSync(`/proc/${shared.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  };
  const ask = async (from: number) => {
    for (let n = from; n < from + REQUESTS; n += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, k) =>
          answer(shared.engine, `${mail} ${n + k}`, { maxTokens: 5 }),
        ),
      );
  };
  await ask(0);
  const before = resident();
  await ask(REQUESTS);
  expect(resident() - before).toBeLessThan(SLACK);
  expect(idle(await statsOf(shared))).toBe(true);
});

describe("the filling of batches", () => {
  const item = (tokens: number): BatchItem => ({
    tokens: Array.from({ length: tokens }, (_, index) => index as Token),
    logits: [],
    evaluationPriority: 5,
  });
  const amounts = (
    batches: ReturnType<typeof batchesOf>,
    items: readonly BatchItem[],
    size = 512,
  ) => batches.strategy({ items, size }).map(({ processAmount }) => processAmount);

  test("whoever writes is in every batch, and readers share the rest", () => {
    const batches = batchesOf(() => 0);
    expect(amounts(batches, [item(100), item(1), item(4), item(1)])).toEqual([1, 1, 4, 58]);
    expect(batches.counts).toEqual({ batches: 1, sequences: 4, tokens: 64 });
    // However many write, somebody reads.
    const many = Array.from({ length: 200 }, () => item(1));
    expect(amounts(batches, [...many, item(1_000)]).at(-1)).toBe(100);
    expect(amounts(batches, [...many, item(100)], 201).at(-1)).toBe(1);
  });

  test("a batch grows and shrinks until it takes a tenth of a second", () => {
    let now = 0;
    const batches = batchesOf(() => now);
    using part = batches.join();
    /** So many milliseconds a token. */
    const read = (perToken: number) => {
      for (let times = 0; times < 30; times += 1) {
        const [amount = 0] = amounts(batches, [item(4_000)]);
        now += amount * perToken;
        part.stepped();
      }
      return part.step() * perToken;
    };
    // Steps are powers of two: more than half of it.
    expect(read(0.5)).toBe(64);
    expect(read(2)).toBe(64);
    // Too slow for a tenth of a second: never less than a few.
    expect(read(50)).toBe(32 * 50);
    expect(read(0.5)).toBe(64);
  });

  test("readers share a step between them", () => {
    const batches = batchesOf(() => 0);
    using one = batches.join();
    expect(one.step()).toBe(64);
    const other = batches.join();
    expect(one.step()).toBe(32);
    other.written();
    expect(one.step()).toBe(64);
    other[Symbol.dispose]();
  });

  test("who is about to come is waited for, but not for ever", () => {
    const batches = batchesOf(() => 0);
    using _one = batches.join();
    using _other = batches.join();
    let rounds = 0;
    while (amounts(batches, [item(1)]).length === 0) rounds += 1;
    expect(rounds).toBeGreaterThan(5);
    expect(rounds).toBeLessThan(100);
    expect(amounts(batches, [item(1), item(1)])).toEqual([1, 1]);
  });

  test("whoever takes part stands still while something needs the context for itself", async () => {
    const batches = batchesOf(() => 0);
    using part = batches.join();
    expect(part.hold()).toBeUndefined();
    const task = Promise.withResolvers<string>();
    const alone = batches.alone(() => task.promise);
    const held = part.hold();
    expect(held).toBeDefined();
    // It stands still: nobody waits for it.
    expect(amounts(batches, [item(1)])).toEqual([1]);
    task.resolve("erased");
    expect(await alone).toBe("erased");
    await held;
    expect(part.hold()).toBeUndefined();
    await expect(batches.alone(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(part.hold()).toBeUndefined();
  });
});
