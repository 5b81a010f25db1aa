/** What an operator signs so that a host changes nothing, loses nothing by mistake, or stops when nobody vouches for it. */
import type { HostPlan } from "@millwright/schema";
import { expect, test } from "vitest";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { planOf, verifiedOf } from "./plan-kit.ts";
import { type Host, hostOf, isReady, leaseOf, modelOf, stateOf } from "./reconcile-kit.ts";

const HOUR = 3_600_000;
const models = ["a", "b", "c"];

function changed({ revision, plan }: VerifiedPlan, change: Partial<HostPlan>): VerifiedPlan {
  return verifiedOf(revision.predicate.number, { ...plan, ...change });
}

/** A host that runs revision 1: `triage` and `coder`, both protected where it is said. */
async function running(protect = false, change: Partial<HostPlan> = {}): Promise<Host> {
  const host = hostOf({ models });
  const plan = planOf(1, { triage: { model: "a" }, coder: { model: "b" } });
  const deployments = Object.fromEntries(
    Object.entries(plan.plan.deployments).map(([name, planned]) => [
      name,
      { ...planned, ...(protect && { protect: true as const }) },
    ]),
  );
  host.offer(changed(plan, { deployments, ...change }));
  await host.settled();
  return host;
}

test("a plan on hold is not taken, says why, and the next without a hold is", async () => {
  const host = await running();
  const second = planOf(2, { triage: { model: "c" } });
  host.offer(changed(second, { hold: "the power feed is being exchanged" }));
  await host.clock.pass(10 * HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(isReady(host.reconciler.serving, "coder")).toBe(true);
  expect(host.reconciler.status()).toMatchObject({
    desired: { revision: 2 },
    attempted: { revision: 1, result: "running" },
    running: { revision: 1 },
  });
  expect(host.conditions.list()).toMatchObject([
    {
      code: "reconcile/held",
      severity: "info",
      message:
        "Revision 2 waits: it is on hold (the power feed is being exchanged) until a revision comes without that. Revision 1 goes on.",
    },
  ]);
  host.offer(planOf(3, { triage: { model: "c" } }));
  await host.settled();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("c");
  expect(host.codes()).toEqual([]);
});

test("on hold, what crashes is started again as before", async () => {
  const host = await running();
  host.offer(changed(planOf(2, {}), { hold: "we look at something" }));
  await host.clock.pass(HOUR);
  host.runners.of("triage")[0]?.crash();
  await host.clock.until(() => !isReady(host.reconciler.serving, "triage"));
  await host.clock.until(() => isReady(host.reconciler.serving, "triage"));
});

test("a hold is still there after a restart of the agent", async () => {
  const before = await running();
  before.offer(changed(planOf(2, {}), { hold: "we look at something" }));
  await before.clock.pass(1_000);
  await before.stop();
  const host = hostOf({ models, before });
  await host.clock.pass(HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(host.codes()).toEqual(["reconcile/held"]);
});

test("a host that has run nothing yet runs nothing of a plan on hold", async () => {
  const host = hostOf({ models });
  host.offer(changed(planOf(1, { triage: { model: "a" } }), { hold: "not before the audit" }));
  await host.clock.pass(HOUR);
  expect(host.reconciler.status()).toMatchObject({
    desired: { revision: 1 },
    attempted: null,
    running: null,
  });
  expect(host.runners.alive.size).toBe(0);
});

test("a plan that takes away what is protected waits until one says that it is meant", async () => {
  const host = await running(true);
  host.offer(planOf(2, { triage: { model: "c" } }));
  await host.clock.pass(HOUR);
  expect(modelOf(host.reconciler.serving, "triage")).toBe("a");
  expect(isReady(host.reconciler.serving, "coder")).toBe(true);
  expect(host.conditions.list()).toMatchObject([
    {
      code: "reconcile/protected",
      severity: "error",
      message:
        "Revision 2 waits: it takes away coder, which the running plan protects. If that is meant, name it under retired, of the fleet or of this host, and release again. Revision 1 goes on.",
    },
  ]);
  host.offer(changed(planOf(3, { triage: { model: "c" } }), { retired: ["coder"] }));
  await host.settled();
  expect(modelOf(host.reconciler.serving, "triage")).toBe("c");
  expect(host.runners.of("coder")).toEqual([]);
  expect(host.codes()).toEqual([]);
});

test("what is protected may change, and what is not may go", async () => {
  const host = await running(true);
  host.offer(planOf(2, { triage: { model: "c" }, coder: { model: "c" } }));
  await host.settled();
  host.offer(planOf(3, { triage: { model: "c" } }));
  await host.settled();
  expect(host.runners.of("coder")).toEqual([]);
});

test("for which nobody vouches any more is served no longer than its limit, and again as soon as somebody does", async () => {
  const host = await running(false, { maxStalenessMs: 24 * HOUR });
  const lease = leaseOf(host.reconciler.serving, "coder");
  host.plans.staleSince = host.clock.now();
  await host.clock.pass(23 * HOUR);
  expect(isReady(host.reconciler.serving, "triage")).toBe(true);
  await host.clock.pass(2 * HOUR);
  expect(isReady(host.reconciler.serving, "triage")).toBe(false);
  expect(host.reconciler.serving.lease("triage")).toMatchObject({
    kind: "not-ready",
    reason: expect.stringContaining("nobody has vouched for longer than its limit (24 hours)"),
  });
  // What was being answered is finished.
  expect(host.runners.of("triage")).toEqual([]);
  expect(host.runners.of("coder")).toHaveLength(1);
  lease.release();
  await host.clock.pass(1_000);
  expect(host.runners.of("coder")).toEqual([]);
  expect(stateOf(host, "triage")).toBe("failed");
  expect(host.reconciler.status()).toMatchObject({
    attempted: { result: "failed" },
    running: null,
  });
  expect(host.codes()).toEqual(["reconcile/too-old"]);

  host.plans.staleSince = Number.POSITIVE_INFINITY;
  await host.settled();
  await host.clock.until(() => isReady(host.reconciler.serving, "triage"));
  expect(host.codes()).toEqual([]);
  expect(host.outcomes.map(({ result }) => result)).toEqual(["running"]);
});

test("without a limit a host that is cut off serves for ever", async () => {
  const host = await running();
  host.plans.staleSince = host.clock.now();
  await host.clock.pass(50 * HOUR);
  expect(isReady(host.reconciler.serving, "triage")).toBe(true);
  expect(host.codes()).toEqual([]);
});
