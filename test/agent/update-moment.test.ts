/** When an agent may make way for another version, and when that one is truly up. */
import type { AgentStatus } from "@millwright/schema";
import { expect, test } from "vitest";
import { busyWith, missingOf } from "../../agent/update/update.ts";
import { planOf, verifiedOf } from "./plan-kit.ts";

const noon = Date.UTC(2026, 10, 23, 12);
const plain = planOf(7, {});
const frozen = verifiedOf(7, {
  ...plain.plan,
  freeze: [{ name: "noon", starts: "0 12 * * *", lastsMs: 3_600_000, timezone: "UTC" }],
});
const held = verifiedOf(8, { ...plain.plan, hold: "the power feed is exchanged" });

function deskOf() {
  const desk = {
    now: noon,
    taken: plain,
    newest: plain,
    result: "running" as "applying" | "running" | "failed",
    revision: 7,
  };
  const clock = { now: () => desk.now, sleep: () => Promise.resolve() };
  const busy = busyWith({
    ...{ clock, taken: () => desk.taken, newest: () => desk.newest },
    status: (): Pick<AgentStatus, "attempted"> => ({
      attempted: { revision: desk.revision, plan: plain.digest, result: desk.result },
    }),
  });
  return { desk, busy };
}

test("an agent makes way when its plan runs, and also when that has failed", () => {
  const { desk, busy } = deskOf();
  expect(busy()).toBeUndefined();
  desk.result = "failed";
  expect(busy()).toBeUndefined();
});

test("a freeze window of the plan that runs keeps the agent as it is until its end", () => {
  const { desk, busy } = deskOf();
  desk.taken = frozen;
  expect(busy()).toBe("the freeze window noon is open until 2026-11-23T13:00:00.000Z");
  desk.now += 3_600_000;
  expect(busy()).toBeUndefined();
});

test("a hold keeps the agent as it is, also when the plan with it is not taken", () => {
  const { desk, busy } = deskOf();
  desk.newest = held;
  expect(busy()).toBe("an operator holds this host as it is");
});

test("a revision that is being applied is waited for, but not for ever: it may need the new agent", () => {
  const { desk, busy } = deskOf();
  desk.result = "applying";
  expect(busy()).toBe("revision 7 is being applied");
  desk.now += 899_000;
  expect(busy()).toBe("revision 7 is being applied");
  desk.now += 1_000;
  expect(busy()).toBeUndefined();
  desk.revision = 8;
  expect(busy()).toBe("revision 8 is being applied");
});

test("an agent is up with a plan, a gateway, and a hub or a minute without one", () => {
  const is = { now: noon, plan: false, listening: false };
  const clock = { now: () => is.now, sleep: () => Promise.resolve() };
  const calls: (() => void)[] = [];
  const desk = {
    ...{ clock, isListening: () => is.listening },
    taken: () => (is.plan ? plain : undefined),
    onOnline: (listener: () => void) => calls.push(listener),
  };
  const [missing, alone] = [missingOf(desk), missingOf(desk)];
  expect(missing()).toBe("no plan is proved");
  is.plan = true;
  expect(missing()).toBe("the gateway does not listen");
  is.listening = true;
  expect(missing()).toBe("there is no connection to a hub yet");
  calls[0]?.();
  expect(missing()).toBeUndefined();
  is.now += 59_000;
  expect(alone()).toBe("there is no connection to a hub yet");
  is.now += 1_000;
  expect(alone()).toBeUndefined();
});
