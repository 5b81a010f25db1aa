/** What would make a deployment small enough. */
import { gib } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryOf, type Remedy, type Running, remediesOf } from "../../compiler/fit/fit.ts";
import { llama8b } from "./fit-facts-kit.ts";

const how: Running = { context: 16_384, parallel: 8, gpus: 1 };
const within = (bytes: number, running: Running = how, facts = llama8b) =>
  remediesOf(facts, running, ({ total }) => total <= bytes);
const fields = (remedies: readonly Remedy[]) => remedies.map(({ field }) => field);

test("the cache that loses least and is enough comes first, with what it saves", () => {
  const { total } = memoryOf(llama8b, how);
  const [first] = within(gib(16));
  expect(first).toEqual({
    field: "cache",
    value: "q8_0",
    saves: total - memoryOf(llama8b, { ...how, cache: "q8_0" }).total,
  });
  expect(within(gib(11))[0]).toMatchObject({ field: "cache", value: "q4_0" });
  expect(within(gib(16), { ...how, cache: "q8_0", parallel: 32 })[0]).not.toMatchObject({
    value: "q8_0",
  });
});

test("every remedy is enough alone, and one step less of it is not", () => {
  const running = fc.record({
    context: fc.integer({ min: 256, max: 131_072 }),
    parallel: fc.integer({ min: 1, max: 64 }),
    gpus: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(running, fc.integer({ min: 4, max: 64 }), (wanted, budget) => {
      const fits = (running: Running) => memoryOf(llama8b, running).total <= gib(budget);
      fc.pre(!fits(wanted));
      for (const { field, value } of within(gib(budget), wanted)) {
        expect(fits({ ...wanted, [field]: value })).toBe(true);
        if (typeof value === "number") expect(fits({ ...wanted, [field]: value + 1 })).toBe(false);
      }
    }),
  );
});

test("when the weights alone are too much there is none", () => {
  expect(within(gib(4))).toEqual([]);
});

test("one request cannot be made fewer, and a packed cache no thinner than there is", () => {
  const one: Running = { context: 131_072, parallel: 1, gpus: 0, cache: "q4_0" };
  expect(fields(within(gib(8), one))).toEqual(["context"]);
});

test("heads that do not fill blocks are never to be packed", () => {
  expect(fields(within(gib(12), how, { ...llama8b, keyLength: 80 }))).toEqual([
    "parallel",
    "context",
  ]);
});
