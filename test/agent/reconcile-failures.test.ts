import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import { planOf } from "./plan-kit.ts";
import { hostOf, modelOf, stateOf } from "./reconcile-kit.ts";

const models = ["a", "b", "c"];
const smoke = { prompt: "well?", contains: "fine", withinMs: 500 };

test("a model that does not load fails its plan with the engine's own words; what ran goes on", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" }, code: { model: "a" } }));
  await host.settled();
  host.runners.unloadable.set("b", new Failure("runner/load-failed", "unknown architecture 'x'"));
  host.offer(planOf(2, { triage: { model: "b" }, code: { model: "c" } }));
  await host.failed();
  await host.clock.until(() => host.runners.alive.size === 2);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(modelOf(host.reconciler.serving, "code")).toBe("a");
  expect(host.codes()).toContain("reconcile/plan-failed");
  expect(host.reconciler.status()).toMatchObject({
    desired: { revision: 2 },
    attempted: {
      revision: 2,
      result: "failed",
      reason: expect.stringContaining("unknown architecture 'x'"),
    },
    running: { revision: 1 },
    deployments: { triage: { state: "failed", ready: 1 } },
  });
  expect(host.outcomes.at(-1)).toMatchObject({ revision: 2, result: "failed" });

  const starts = host.runners.starts.get("triage");
  await host.clock.pass(3_000_000);
  expect(host.runners.starts.get("triage")).toBe(starts);

  host.runners.unloadable.clear();
  host.offer(planOf(3, { triage: { model: "b" } }));
  await host.settled();
  expect(host.codes()).toEqual([]);
});

test("a model whose answer is not what the plan says never gets a request", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine");
  host.runners.answers.set("b", "awful");
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.offer(planOf(2, { triage: { model: "b", smoke } }));
  await host.failed();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(host.reconciler.status().attempted?.reason).toContain("awful");
  await host.clock.pass(60_000);
  expect(host.runners.starts.get("triage")).toBe(2);
  await host.clock.until(() => host.runners.alive.size === 1);
});

test("a plan that asks more of what serves already is held to it, without loading it again", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine");
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.offer(planOf(2, { triage: { model: "a", smoke: { ...smoke, contains: "xyzzy" } } }));
  await host.failed();
  expect(host.reconciler.status()).toMatchObject({ running: { revision: 1 } });
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  host.offer(planOf(3, { triage: { model: "a", smoke: { ...smoke, contains: "ine" } } }));
  await host.settled();
  expect(host.runners.starts.get("triage")).toBe(1);
});

test("what passed the gates of a former plan fails a newer one that asks more", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine").set("b", "fine");
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.offer(planOf(2, { triage: { model: "b", smoke } }));
  await host.settled();
  host.offer(planOf(3, { triage: { model: "a", smoke: { ...smoke, contains: "xyzzy" } } }));
  await host.failed();
  await host.clock.until(() => host.runners.alive.size === 1);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("b");
});

test("a model that does not answer in time fails its plan", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine").set("b", undefined);
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.offer(planOf(2, { triage: { model: "b", smoke } }));
  await host.failed();
  expect(host.reconciler.status().attempted?.reason).toContain("within 500 ms");
});

test("a model that dies of its smoke prompt fails its plan", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine");
  host.runners.fragile.add("b");
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.offer(planOf(2, { triage: { model: "b", smoke } }));
  await host.failed();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
});

test("bytes with another digest fail the plan at once and are not fetched again until a new plan comes", async () => {
  const host = hostOf({ models });
  host.blobs.trouble.set(
    "a",
    new Failure("store/wrong-digest", "expected sha256:1, found sha256:2"),
  );
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.failed();
  await host.clock.pass(3_000_000);
  expect(host.blobs.asked.get("a")).toBe(1);
  host.blobs.trouble.clear();
  host.offer(planOf(2, { triage: { model: "a" } }));
  await host.settled();
});

test("a network that is down fails no plan: it is tried again, later each time, until it is back", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  host.blobs.trouble.set("b", new Failure("store/not-fetched", "The network is down."));
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.clock.pass(600_000);
  expect(host.reconciler.status().attempted).toMatchObject({ revision: 2, result: "applying" });
  expect(host.codes()).toContain("reconcile/fetch-failed");
  expect(host.blobs.asked.get("b")).toBeGreaterThan(5);
  expect(host.blobs.asked.get("b")).toBeLessThan(25);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  host.blobs.trouble.clear();
  await host.settled();
  expect(host.codes()).toEqual([]);
});

test("a transfer that a newer plan does not want is broken off", async () => {
  const host = hostOf({ models });
  host.blobs.slow.add("a");
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.clock.until(() => stateOf(host, "triage") === "fetching");
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.settled();
  host.blobs.slow.clear();
  await host.clock.pass(10_000);
  expect(host.blobs.here).toEqual(new Set([digestOf("b")]));
});

test("a killed process is started again, later each time, and disturbs nobody else", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" }, code: { model: "b" } }));
  await host.settled();
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const before = host.clock.now();
    host.runners.of("triage")[0]?.crash();
    await host.clock.until(() => "kind" in host.reconciler.serving.lease("triage"));
    expect(host.codes()).toEqual(["reconcile/restarting"]);
    expect(modelOf(host.reconciler.serving, "code")).toBe("b");
    await host.clock.until(() => stateOf(host, "triage") === "ready");
    waits.push(host.clock.now() - before);
    expect(host.codes()).toEqual([]);
  }
  expect(waits[0]).toBeLessThan(1_100);
  expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
  expect(host.runners.starts.get("code")).toBe(1);
  expect(host.reconciler.status().attempted).toMatchObject({ result: "running" });
});

test("a restarted process that fails its smoke prompt once does not condemn the plan that runs", async () => {
  const host = hostOf({ models });
  host.runners.answers.set("a", "fine");
  host.offer(planOf(1, { triage: { model: "a", smoke } }));
  await host.settled();
  host.runners.answers.set("a", undefined);
  host.runners.of("triage")[0]?.crash();
  await host.clock.pass(20_000);
  expect(host.codes()).toEqual(["reconcile/restarting"]);
  host.runners.answers.set("a", "fine");
  await host.clock.until(() => stateOf(host, "triage") === "ready");
  expect(host.codes()).toEqual([]);
  expect(host.reconciler.status().attempted).toMatchObject({ result: "running" });
  expect(host.outcomes).toHaveLength(1);
});

test("what serves is also started again while a new plan is being fetched", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  host.blobs.slow.add("b");
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.clock.pass(1_000);
  host.runners.of("triage")[0]?.crash();
  await host.clock.pass(5_000);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  host.blobs.slow.clear();
  await host.settled();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("b");
});

test("an agent that is restarted before a new plan can be had serves the last good one", async () => {
  const before = hostOf({ models, leaveRunning: () => false });
  before.offer(planOf(1, { triage: { model: "a" }, code: { model: "b" } }));
  await before.settled();
  before.blobs.trouble.set("c", new Failure("store/not-fetched", "the network is down"));
  before.offer(planOf(2, { triage: { model: "c" }, code: { model: "b" } }));
  await before.clock.pass(1_000);
  await before.stop();
  const after = hostOf({ before });
  await after.clock.pass(1_000);
  expect(modelOf(after.reconciler.serving, "triage")).toBe("a");
  expect(modelOf(after.reconciler.serving, "code")).toBe("b");
  expect(after.reconciler.status().attempted).toMatchObject({ revision: 2, result: "applying" });
  after.blobs.trouble.clear();
  await after.settled();
  expect(modelOf(after.reconciler.serving, "triage")).toBe("c");
});

test("a disk that cannot note what became of a plan is a condition; the models serve, and it is noted later", async () => {
  let isFull = true;
  const noted: number[] = [];
  const host = hostOf({
    models,
    ended: async ({ revision }) => {
      if (isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      noted.push(revision);
    },
  });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  await host.clock.pass(20_000);
  expect(host.codes()).toEqual(["reconcile/not-recorded"]);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  isFull = false;
  await host.clock.until(() => noted.length > 0);
  await host.clock.pass(20_000);
  expect(noted).toEqual([1]);
  expect(host.codes()).toEqual([]);
});

test("an error of our own ends the service instead of being hidden", async () => {
  const host = hostOf({
    models,
    ended: async () => {
      throw new TypeError("impossible");
    },
  });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await expect(
    host
      .settled()
      .then(() => host.clock.pass(10_000))
      .then(host.stop),
  ).rejects.toThrow("impossible");
});
