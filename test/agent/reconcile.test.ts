import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import { planOf } from "./plan-kit.ts";
import { hostOf, isReady, leaseOf, modelOf } from "./reconcile-kit.ts";

const models = ["a", "b", "c"];

test("a plan is fetched, loaded and served, and said to run, once", async () => {
  const host = hostOf({ models });
  expect(host.reconciler.serving.lease("triage")).toMatchObject({ kind: "not-ready" });
  const plan = planOf(
    1,
    { triage: { model: "a", replicas: 2 } },
    { mail: { factory: "support", to: ["triage"] } },
  );
  host.offer(plan);
  await host.settled();
  expect(host.runners.of("triage")).toHaveLength(2);
  expect(modelOf(host.reconciler.serving, "mail")).toBe("a");
  expect(host.reconciler.status()).toMatchObject({
    desired: { revision: 1 },
    attempted: { revision: 1, result: "running" },
    running: { revision: 1, plan: plan.digest },
    deployments: { triage: { state: "ready", ready: 2, instances: 2 } },
  });
  await host.clock.pass(60_000);
  expect(host.outcomes).toEqual([
    { revision: 1, plan: plan.digest, result: "running", models: [digestOf("a")] },
  ]);
  expect(host.plans.good()).toBe(plan);
});

test("a deployment that is not ready says why, also one that the plan does not have", async () => {
  const host = hostOf({ models });
  host.blobs.trouble.set("a", new Failure("store/not-fetched", "The network is down."));
  host.offer(
    planOf(1, { triage: { model: "a" } }, { mail: { factory: "support", to: ["triage"] } }),
  );
  await host.clock.pass(100);
  const { serving } = host.reconciler;
  for (const name of ["nobody", "toString", "mail", "triage"])
    expect(serving.lease(name)).toMatchObject({
      kind: "not-ready",
      reason: expect.stringContaining(name),
    });
  expect(serving.names().map(({ name }) => name)).toEqual(["triage", "mail"]);
});

test("the least busy instance answers, and a route falls back to the next deployment that is ready", async () => {
  const host = hostOf({ models });
  const routes = { mail: { factory: "support", to: ["triage", "spare"] } };
  host.offer(planOf(1, { triage: { model: "a", replicas: 2 }, spare: { model: "b" } }, routes));
  await host.settled();
  const { serving } = host.reconciler;
  const [first, second] = [leaseOf(serving, "mail"), leaseOf(serving, "mail")];
  expect(first.engine).not.toBe(second.engine);
  first.release();
  expect(() => first.release()).toThrow("twice");
  for (const runner of host.runners.of("triage")) runner.crash();
  await Promise.resolve();
  await Promise.resolve();
  expect(modelOf(serving, "mail")).toBe("b");
});

test("an unchanged deployment keeps its process over a change of plans", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" }, code: { model: "b" } }));
  await host.settled();
  const [kept] = host.runners.of("triage");
  const next = planOf(2, { triage: { model: "a" }, code: { model: "c" } });
  host.offer(next);
  await host.settled();
  expect(host.runners.of("triage")).toEqual([kept]);
  expect(host.runners.starts.get("triage")).toBe(1);
  expect(leaseOf(host.reconciler.serving, "triage").plan).toBe(next);
  expect(host.blobs.here).toEqual(new Set([digestOf("a"), digestOf("c")]));
});

test("a changed deployment is loaded beside the old one, which finishes what it has", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  const running = leaseOf(host.reconciler.serving, "triage");
  const stops: string[] = [];
  host.runners.stopped = ({ spec }) => stops.push(spec.model.digest);
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.clock.until(() => modelOf(host.reconciler.serving, "triage") === "b");
  await host.clock.pass(60_000);
  expect(stops).toEqual([]);
  running.release();
  await host.settled();
  expect(stops).toEqual([digestOf("a")]);
});

test("where there is no room beside, the old one finishes, ends, and only then the new one is loaded", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a", upgrade: "drain" } }));
  await host.settled();
  const running = leaseOf(host.reconciler.serving, "triage");
  host.offer(planOf(2, { triage: { model: "b", upgrade: "drain" } }));
  await host.clock.pass(1_000);
  expect(host.reconciler.serving.lease("triage")).toMatchObject({ kind: "not-ready" });
  expect(host.runners.of("triage").map(({ model }) => model)).toEqual([digestOf("a")]);
  running.release();
  await host.settled();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("b");
});

test("when the new one of a drained deployment does not load, the old one is started again", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a", upgrade: "drain" } }));
  await host.settled();
  host.runners.unloadable.set("b", new Failure("runner/load-failed", "llama_model_load: error"));
  host.offer(planOf(2, { triage: { model: "b", upgrade: "drain" } }));
  await host.failed();
  await host.clock.until(() => !("kind" in host.reconciler.serving.lease("triage")));
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
});

test("what a plan that was given up half way left behind gets no requests beside the plan that serves", async () => {
  const host = hostOf({ models });
  const { serving } = host.reconciler;
  host.offer(planOf(1, { triage: { model: "a" }, code: { model: "a" } }));
  await host.settled();
  const running = leaseOf(serving, "code");
  const drain = { model: "b", upgrade: "drain" } as const;
  host.offer(planOf(2, { triage: drain, code: drain }));
  // The half that is free has moved; the other still finishes a request, so the plan is not whole.
  await host.clock.until(
    () => host.runners.of("triage")[0]?.model === digestOf("b") && isReady(serving, "triage"),
  );
  host.blobs.slow.add("c");
  host.offer(planOf(3, { code: { model: "c" } }));
  await host.clock.pass(10_000);
  expect(host.runners.of("triage").map(({ model }) => model)).toEqual([digestOf("a")]);
  expect([modelOf(serving, "triage"), modelOf(serving, "code")]).toEqual(["a", "a"]);
  running.release();
  host.blobs.slow.clear();
  await host.settled();
});

test("an instance that finishes its requests and is wanted again serves again", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  const running = leaseOf(host.reconciler.serving, "triage");
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.clock.until(() => modelOf(host.reconciler.serving, "triage") === "b");
  host.offer(planOf(3, { triage: { model: "a" } }));
  await host.settled();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(host.runners.starts.get("triage")).toBe(2);
  running.release();
});

test("a restarted agent takes over what runs, and loads nothing again", async () => {
  const first = hostOf({ models });
  first.offer(planOf(1, { triage: { model: "a" } }));
  await first.settled();
  await first.stop();
  const second = hostOf({ before: first });
  await second.settled();
  expect(modelOf(second.reconciler.serving, "triage")).toBe("a");
  expect(second.runners.starts.get("triage")).toBe(1);
  expect(second.outcomes).toEqual([]);
});

test("a restarted agent stops survivors that no plan wants", async () => {
  const first = hostOf({ models });
  first.offer(planOf(1, { triage: { model: "a" }, code: { model: "b" } }));
  await first.settled();
  await first.stop();
  const second = hostOf({ before: first });
  second.offer(planOf(2, { triage: { model: "a" } }));
  await second.settled();
  expect([...second.runners.alive.values()].map(({ model }) => model)).toEqual([digestOf("a")]);
});

test("an agent that is to stop its models stops them", async () => {
  const host = hostOf({ models, leaveRunning: () => false });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  await host.stop();
  expect(host.runners.alive.size).toBe(0);
});

test("while a model loads, its status and whoever asks for it are told how far it is", async () => {
  const host = hostOf({ models: ["a"] });
  const whole = Promise.withResolvers<void>();
  host.runners.halfLoaded.set("a", whole.promise);
  host.offer(planOf(1, { triage: { model: "a" } }));
  const how = "50 % of its model is loaded";
  const told = () => host.reconciler.status().deployments["triage"];
  await host.clock.until(() => told()?.reason !== undefined);
  expect(told()).toMatchObject({ state: "loading", reason: how, ready: 0 });
  whole.resolve();
  await host.settled();
  expect(told()?.reason).toBeUndefined();
});
