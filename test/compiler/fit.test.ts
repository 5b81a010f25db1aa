import { gib } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitTable, memoryOf } from "../../compiler/fit/fit.ts";
import type { ModelFacts } from "../../compiler/lock/lock.ts";
import { smallFacts } from "./definitions-kit.ts";
import { llama8b, llama70b } from "./fit-facts-kit.ts";

const MIB = 1024 ** 2;

// What llama.cpp itself says without allocating (shared/notes/running-models.md, section 3).
test.each([
  ["8B, 8k × 1", llama8b, 8192, 1, 512, 4.334, 1.26, 267],
  ["8B, 8k × 8", llama8b, 8192, 8, 512, 4.334, 8.26, 267],
  ["8B, 32k × 4", llama8b, 32_768, 4, 512, 4.334, 16.26, 267],
  ["8B, 32k × 4 in steps of 2048", llama8b, 32_768, 4, 2048, 4.334, 17.041, 1066],
  ["70B, 32k × 4", llama70b, 32_768, 4, 512, 37.217, 40.276, 283],
])(
  "%s takes what llama.cpp says, within 3 %%",
  (_shape, facts, context, parallel, batch, weights, inContext, compute) => {
    const fit = memoryOf(facts, { context, parallel, batch, gpus: 1 });
    expect(fit.weights / gib(weights)).toBeCloseTo(1, 6);
    expect(Math.abs((fit.cache + fit.compute) / gib(inContext) - 1)).toBeLessThan(0.03);
    expect(Math.abs(fit.compute / (compute * MIB) - 1)).toBeLessThan(0.03);
  },
);

test("the parts are whole bytes and add up to the total", () => {
  const running = fc.record({
    context: fc.integer({ min: 64, max: 10_000_000 }),
    parallel: fc.integer({ min: 1, max: 256 }),
    gpus: fc.integer({ min: 0, max: 64 }),
  });
  fc.assert(
    fc.property(running, (how) => {
      const fit = memoryOf(llama8b, how);
      const parts = [fit.weights, fit.cache, fit.compute, fit.overhead, fit.margin];
      expect(parts.every(Number.isSafeInteger)).toBe(true);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(fit.total);
    }),
  );
});

test("each request at the same time has a cache of its own", () => {
  const one = memoryOf(llama8b, { context: 8192, parallel: 1, gpus: 0 });
  const eight = memoryOf(llama8b, { context: 8192, parallel: 8, gpus: 0 });
  expect([one.cache, eight.cache]).toEqual([gib(1), gib(8)]);
});

test("more context, more requests or an adapter never take less", () => {
  const count = fc.integer({ min: 64, max: 100_000 });
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: 255 }), (a, b, parallel) => {
      const fit = (context: number, requests: number) =>
        memoryOf(llama8b, { context, parallel: requests, gpus: 1 }).total;
      expect(fit(Math.max(a, b), parallel)).toBeGreaterThanOrEqual(fit(Math.min(a, b), parallel));
      expect(fit(a, parallel + 1)).toBeGreaterThan(fit(a, parallel));
    }),
  );
  const adapter = { kind: "adapter", architecture: "llama", tensorBytes: 300_000 } as const;
  const how = { context: 1024, parallel: 1, gpus: 0 };
  const bare = memoryOf(smallFacts, how);
  expect(memoryOf(smallFacts, { ...how, adapter }).weights - bare.weights).toBe(300_000);
});

test("a cache is made of whole blocks of 256 tokens", () => {
  const cache = (context: number) => memoryOf(llama8b, { context, parallel: 1, gpus: 0 }).cache;
  expect(cache(257)).toBe(cache(512));
  expect(cache(64)).toBe(cache(256));
});

test("on a GPU the input embeddings stay in main memory, unless the output is made of them", () => {
  const on = (facts: ModelFacts, gpus: number) =>
    memoryOf(facts, { context: 1024, parallel: 1, gpus });
  const { tensorBytes, embeddingBytes } = llama8b;
  expect(on(llama8b, 0).weights).toBe(tensorBytes);
  expect(on(llama8b, 1).weights).toBe(tensorBytes - embeddingBytes);
  expect(on({ ...llama8b, tiedOutput: true }, 1).weights).toBe(tensorBytes);
  expect(on(llama8b, 0).beside).toBe(0);
  expect(on(llama8b, 1).beside).toBeGreaterThan(embeddingBytes);
});

test("on the cores there is no GPU overhead; on each GPU there is one, and a compute buffer", () => {
  const on = (gpus: number) => memoryOf(llama8b, { context: 1024, parallel: 1, gpus });
  expect(on(0).overhead).toBeLessThan(256 * MIB);
  expect([on(1).overhead, on(4).overhead]).toEqual([512 * MIB, 2048 * MIB]);
  expect(on(4).compute).toBe(4 * on(1).compute);
});

test("packed keys and values take the blocks of ggml, of which each row has whole ones", () => {
  const cache = (kind: "q8_0" | "q4_0", facts = llama8b) =>
    memoryOf(facts, { context: 8192, parallel: 2, gpus: 0, cache: kind }).cache;
  expect(cache("q8_0")).toBe((gib(2) / 2 / 32) * 34);
  expect(cache("q4_0")).toBe((gib(2) / 2 / 32) * 18);
  // 8 heads of 3 are 24 elements: one block.
  const odd = { ...llama8b, keyLength: 3, valueLength: 3 };
  expect(cache("q8_0", odd)).toBe(32 * 8192 * 2 * 2 * 34);
});

test("a layer that is wide, or sees far, takes more to compute in than a small vocabulary does", () => {
  const { compute } = memoryOf(
    { ...llama8b, vocabulary: 32_000 },
    { context: 131_072, parallel: 1, gpus: 1 },
  );
  // The mask, four rows of embeddings and three of the feed-forward width, as llama.cpp says for Llama 2 7B.
  expect(compute).toBe(512 * (2 * 131_072 + 4 * (4 * 4096 + 3 * 14_336)));
});

test("a model that does not say how wide it gets is taken for a wide one", () => {
  const { feedForward: _, ...unsaid } = { ...llama8b, vocabulary: 32_000 };
  const how = { context: 1024, parallel: 1, gpus: 1 };
  expect(memoryOf(unsaid, how).compute).toBeGreaterThan(
    memoryOf({ ...unsaid, feedForward: 14_336 }, how).compute,
  );
});

test("layers that slide over a window remember the window and one step, and never more than the context", () => {
  const sliding = { window: 1024, layers: Array.from({ length: 31 }, (_, layer) => layer) };
  const gemma: ModelFacts = { ...llama8b, sliding };
  const cache = (facts: ModelFacts, context: number) =>
    memoryOf(facts, { context, parallel: 1, gpus: 1 }).cache;
  const token = 8 * (128 + 128) * 2;
  // 1024 + 512 + 1 tokens make seven blocks of 256.
  expect(cache(gemma, 32_768)).toBe((31 * 7 * 256 + 32_768) * token);
  expect(cache(gemma, 1024)).toBe(cache(llama8b, 1024));
});

test("layers with key-value heads of their own are counted one by one", () => {
  const kvHeads = Array.from({ length: 32 }, (_, layer) => (layer < 8 ? 8 : 0));
  const hybrid: ModelFacts = { ...llama8b, kvHeads };
  expect(memoryOf(hybrid, { context: 8192, parallel: 1, gpus: 1 }).cache).toBe(gib(0.25));
});

test("the budget is a table for people", () => {
  const fit = memoryOf(llama8b, { context: 8192, parallel: 8, gpus: 1 });
  expect(fitTable(fit)).toBe(
    [
      " 4.3 GiB  weights",
      " 8.0 GiB  keys and values, context × parallel",
      " 267 MiB  compute buffer",
      " 512 MiB  process",
      " 670 MiB  margin, 5 %",
      "13.7 GiB  total",
    ].join("\n"),
  );
});
