/** Processes that have served long enough are exchanged for fresh ones, as an upgrade is. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, inTurn, isSettled } from "../../agent/reconcile/reconcile.ts";
import { planOf } from "./plan-kit.ts";
import { type Host, hostOf, isReady, leaseOf } from "./reconcile-kit.ts";
import { instanceOf, observe, take, type World, wantedBy } from "./reconcile-world-kit.ts";

const generations = ({ runners }: Host) =>
  runners.of("triage").map(({ handle }) => handle.spec.generation ?? 0);

test("after so many requests a fresh process answers, and the old one ends with its last request", async () => {
  const host = hostOf({ models: ["a"] });
  const { serving } = host.reconciler;
  host.offer(planOf(1, { triage: { model: "a", recycle: { requests: 3 } } }));
  await host.settled();
  const held = leaseOf(serving, "triage");
  leaseOf(serving, "triage").release();
  await host.clock.pass(20_000);
  expect(generations(host)).toEqual([0]);
  leaseOf(serving, "triage").release();
  await host.clock.pass(20_000);
  expect(generations(host)).toEqual([0, 1]);
  const next = leaseOf(serving, "triage");
  expect(next.engine).not.toBe(held.engine);
  next.release();
  held.release();
  await host.clock.pass(20_000);
  expect(generations(host)).toEqual([1]);
  expect(host.outcomes).toHaveLength(1);
  // The next agent takes over what is there, and counts on.
  await host.stop();
  const after = hostOf({ before: host, models: ["a"] });
  await after.settled();
  expect(generations(after)).toEqual([1]);
  expect(isReady(after.reconciler.serving, "triage")).toBe(true);
});

test("after so long a fresh process answers; of several, one is exchanged at a time, and one that does not come up changes nothing", async () => {
  const host = hostOf({ models: ["a"] });
  const { serving } = host.reconciler;
  host.offer(planOf(1, { triage: { model: "a", replicas: 2, recycle: { afterMs: 600_000 } } }));
  await host.settled();
  const begun = host.runners.starts.get("triage");
  await host.clock.pass(500_000);
  expect(host.runners.starts.get("triage")).toBe(begun);
  host.runners.answers.set("a", "a");
  const { promise, resolve } = Promise.withResolvers<void>();
  host.runners.halfLoaded.set("a", promise);
  await host.clock.pass(120_000);
  // The other waits for this one.
  expect(host.runners.starts.get("triage")).toBe(3);
  expect(isReady(serving, "triage")).toBe(true);
  resolve();
  host.runners.halfLoaded.delete("a");
  await host.clock.pass(60_000);
  expect(generations(host)).toEqual([1, 1]);
  expect(host.codes()).toEqual([]);
});

test("where there is no room for both, the old one goes first, and the place is not given back to it", async () => {
  let free = Number.POSITIVE_INFINITY;
  const room = async () => ({ memory: free, gpus: new Map<number, number>() });
  const host = hostOf({ models: ["a"], room });
  host.offer(planOf(1, { triage: { model: "a", memory: 100, recycle: { afterMs: 60_000 } } }));
  await host.settled();
  free = 50;
  const most = { count: 0 };
  for (let second = 0; second < 120; second += 1) {
    await host.clock.pass(1_000);
    most.count = Math.max(most.count, host.runners.of("triage").length);
    free = host.runners.of("triage").length === 0 ? 150 : 50;
  }
  expect(most.count).toBe(1);
  expect(host.runners.starts.get("triage")).toBeGreaterThan(1);
  expect(isReady(host.reconciler.serving, "triage")).toBe(true);
});

test("whatever is worn and whatever dies: step by step all is exchanged, and what is exchanged beside always answers", () => {
  const recycle = { requests: 1 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.uniqueArray(fc.constantFrom("lora-a", "lora-b")),
      fc.infiniteStream(fc.nat({ max: 997 })),
      (replicas, adapters, choice) => {
        const memory = 1;
        const wanted = wantedBy({ triage: { model: "a", replicas, adapters, memory, recycle } });
        const world: World = { blobs: new Set(), instances: new Map() };
        for (const item of wanted)
          world.instances.set(item.digest, { ...instanceOf(item, 0), answered: 1 });
        const now = () => inTurn(wanted, [...world.instances.values()], 0);
        for (let turn = 0; turn < 200; turn += 1) {
          const steps = decide(now(), observe(world, undefined), 0);
          const step = steps[(choice.next().value ?? 0) % Math.max(1, steps.length)];
          if (step === undefined) break;
          take(step, world);
          const answers = [...world.instances.values()].filter(({ state }) => state === "serving");
          for (const name of [undefined, ...adapters])
            expect(answers.some(({ adapterName }) => adapterName === name)).toBe(true);
        }
        expect(isSettled(now(), observe(world, undefined))).toBe(true);
        expect([...world.instances.values()].map(({ generation }) => generation)).toEqual(
          wanted.map(() => 1),
        );
      },
    ),
    { numRuns: 100 },
  );
});
