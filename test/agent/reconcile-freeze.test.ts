import type { FreezeWindow } from "@millwright/schema";
import { describe, expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import { frozenUntil } from "../../agent/reconcile/frozen-until.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { planOf, verifiedOf } from "./plan-kit.ts";
import { hostOf, modelOf } from "./reconcile-kit.ts";

const HOUR = 3_600_000;
const models = ["a", "b", "c"];
/** The clock of a host in memory starts on Monday, the 23rd of November 2026, at midnight UTC. */
const monday = Date.UTC(2026, 10, 23);

const weekend: FreezeWindow = {
  name: "weekend",
  starts: "0 18 * * 5",
  lastsMs: 54 * HOUR,
  timezone: "Europe/Berlin",
};
/** From the start of the clock until two o'clock. */
const night: FreezeWindow = {
  name: "night",
  starts: "0 22 * * *",
  lastsMs: 4 * HOUR,
  timezone: "UTC",
};

function frozen(plan: VerifiedPlan, ...freeze: FreezeWindow[]): VerifiedPlan {
  return verifiedOf(plan.revision.predicate.number, { ...plan.plan, freeze });
}

describe("a window is open from its start until it has lasted", () => {
  const fridayEvening = Date.UTC(2026, 10, 27, 17);
  const sundayMidnight = Date.UTC(2026, 10, 29, 23);

  test.each([
    ["before it", fridayEvening - 1, undefined],
    ["at its start, in its own time zone", fridayEvening, sundayMidnight],
    ["in it", fridayEvening + 10 * HOUR, sundayMidnight],
    ["in its last millisecond", sundayMidnight - 1, sundayMidnight],
    ["at its end", sundayMidnight, undefined],
  ])("%s", (_, now, until) => {
    expect(frozenUntil([weekend], now)?.until).toBe(until);
  });

  test("over a change of the clocks it lasts as long", () => {
    const start = Date.UTC(2026, 9, 23, 16);
    expect(frozenUntil([weekend], start)).toEqual({ name: "weekend", until: start + 54 * HOUR });
    expect(frozenUntil([weekend], start + 54 * HOUR)).toBeUndefined();
  });

  test("of several that are open, the one that closes last is named", () => {
    const long: FreezeWindow = { ...night, name: "long", lastsMs: 10 * HOUR };
    expect(frozenUntil([night, long, weekend], monday)).toEqual({
      name: "long",
      until: monday + 8 * HOUR,
    });
  });

  test("none is open where there are none, or where none can be read", () => {
    expect(frozenUntil(undefined, monday)).toBeUndefined();
    expect(frozenUntil([{ ...night, timezone: "Mars/Olympus" }], monday)).toBeUndefined();
    expect(frozenUntil([{ ...night, starts: "at night" }], monday)).toBeUndefined();
  });
});

test("a plan that comes while a window of the running one is open waits, says so, and is taken when it closes", async () => {
  const host = hostOf({ models });
  const first = frozen(planOf(1, { triage: { model: "a" } }), night);
  host.offer(first);
  await host.settled();
  host.offer(planOf(2, { triage: { model: "b" } }));
  await host.clock.pass(HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(host.reconciler.status()).toMatchObject({
    desired: { revision: 2 },
    attempted: { revision: 1, result: "running" },
    running: { revision: 1 },
  });
  expect(host.conditions.list()).toEqual([
    {
      code: "reconcile/frozen",
      severity: "info",
      message:
        "Revision 2 waits: the freeze window night is open until 2026-11-23T02:00:00.000Z. Revision 1 goes on.",
      since: expect.any(Number),
    },
  ]);
  expect(host.outcomes.map(({ revision }) => revision)).toEqual([1]);
  await host.clock.pass(monday + 2 * HOUR - host.clock.now() - 1);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  await host.settled();
  expect(host.clock.now()).toBeLessThan(monday + 2 * HOUR + 60_000);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("b");
  expect(host.codes()).toEqual([]);
});

test("the first plan of a host is taken, whatever windows it has", async () => {
  const host = hostOf({ models });
  host.offer(frozen(planOf(1, { triage: { model: "a" } }), night));
  await host.settled();
  expect(host.clock.now()).toBeLessThan(monday + HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
});

test("the windows of a plan that never ran here keep nothing out", async () => {
  const host = hostOf({ models });
  host.offer(planOf(1, { triage: { model: "a" } }));
  await host.settled();
  host.runners.unloadable.set("b", new Failure("runner/load-failed", "llama_model_load: error"));
  host.offer(frozen(planOf(2, { triage: { model: "b" } }), night));
  await host.failed();
  host.offer(planOf(3, { triage: { model: "c" } }));
  await host.settled();
  expect(host.clock.now()).toBeLessThan(monday + HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("c");
});

test("a revision that leaves the plan of this host as it was does not wait: nothing changes", async () => {
  const host = hostOf({ models });
  const plan = frozen(planOf(1, { triage: { model: "a" } }), night);
  host.offer(plan);
  await host.settled();
  host.offer(verifiedOf(2, plan.plan));
  await host.settled();
  expect(host.clock.now()).toBeLessThan(monday + HOUR);
  expect(host.reconciler.status()).toMatchObject({ running: { revision: 2 } });
  expect(host.codes()).toEqual([]);
});

test("a plan that waits goes on waiting when the agent is started again", async () => {
  const before = hostOf({ models });
  before.offer(frozen(planOf(1, { triage: { model: "a" } }), night));
  await before.settled();
  before.offer(planOf(2, { triage: { model: "b" } }));
  await before.clock.pass(1_000);
  await before.stop();
  const host = hostOf({ models, before });
  await host.clock.pass(60_000);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(host.codes()).toEqual(["reconcile/frozen"]);
  await host.clock.pass(2 * HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("b");
});
