import type { Receipt } from "@millwright/schema";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../agent/life/life.ts";
import { fakeHub, identityOf, interactionOf, opened, stateFolder } from "./feedback-kit.ts";
import { eventually } from "./gateway-kit.ts";

/** A clock on which time passes twenty times as fast, and that notes how long it was told to wait. */
function hastyClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const start = systemClock.now();
  return {
    waits,
    now: () => start + (systemClock.now() - start) * 20,
    sleep: (ms, signal) => {
      waits.push(ms);
      return systemClock.sleep(ms / 20, signal);
    },
  };
}

test("a hub that is away for a while gets everything, and its absence is a condition until then", async () => {
  const identity = identityOf();
  const away = await fakeHub(identity);
  const port = Number(new URL(away.url).port);
  await away.stop();
  const clock = hastyClock();
  const { feedback, conditions, start } = await opened(await stateFolder(), {
    ...{ identity, clock, hubs: () => [away.url] },
  });
  feedback.recorder.interaction(interactionOf("a", "b"));
  start();
  await eventually("it says so", () => conditions.list().length > 0);
  expect(conditions.list()).toMatchObject([
    {
      code: "feedback/upload-waits",
      severity: "warning",
      message: expect.stringMatching(/ECONNREFUSED.*1 samples of feedback/),
    },
  ]);
  feedback.recorder.interaction(interactionOf("c", "d"));
  const hub = await fakeHub(identity, port);
  await eventually("all is with the hub", () => hub.samples.size === 2);
  await eventually("it says so no more", () => conditions.list().length === 0);
});

test("an acknowledgement that was lost makes no second sample", async () => {
  const identity = identityOf();
  const hub = await fakeHub(identity);
  hub.instead = "lose";
  const { feedback, start, conditions } = await opened(await stateFolder(), {
    ...{ identity, clock: hastyClock(), hubs: () => [hub.url] },
  });
  start();
  feedback.recorder.interaction(interactionOf("a", "b"));
  await eventually("it came twice", () => hub.bodies.length >= 2);
  hub.instead = undefined;
  await eventually(
    "it was acknowledged",
    () => conditions.list().length === 0 && hub.samples.size === 1,
  );
  const [first, ...others] = hub.bodies;
  expect(others.every(({ path, body }) => path === first?.path && body.equals(first.body))).toBe(
    true,
  );
});

test("a hub that is busy is asked later, when it says", async () => {
  const identity = identityOf();
  const hub = await fakeHub(identity);
  hub.instead = { status: 429, headers: { "retry-after": "4" } };
  const clock = hastyClock();
  const { feedback, start } = await opened(await stateFolder(), {
    ...{ identity, clock, hubs: () => [hub.url] },
  });
  start();
  feedback.recorder.interaction(interactionOf("a", "b"));
  await eventually("it was asked twice", () => hub.bodies.length >= 2);
  expect(clock.waits.some((ms) => ms >= 4_000 && ms <= 4_500)).toBe(true);
  hub.instead = undefined;
  await eventually("it has it", () => hub.samples.size === 1);
});

test("a hub that stays away is asked ever less often, never in step with other hosts", async () => {
  const identity = identityOf();
  const hub = await fakeHub(identity);
  hub.instead = { status: 503 };
  const waits: number[] = [];
  const clock: Clock = {
    now: () => systemClock.now(),
    sleep: (ms, signal) => {
      waits.push(ms);
      return systemClock.sleep(1, signal);
    },
  };
  const { feedback, start } = await opened(await stateFolder(), {
    ...{ identity, clock, hubs: () => [hub.url] },
  });
  await feedback.outbox.put(occurrence());
  start();
  await eventually("it was asked ten times", () => hub.bodies.length >= 10);
  for (const [index, wait] of waits.slice(0, 9).entries()) {
    const full = Math.min(60_000, 500 * 2 ** index);
    expect(wait).toBeGreaterThanOrEqual(full / 2);
    expect(wait).toBeLessThanOrEqual(full);
  }
  expect(new Set(waits.slice(7, 10)).size).toBeGreaterThan(1);
});

test.each([400, 403, 413, 422])(
  "what the hub refuses with %i is set aside, named, and not sent for ever",
  async (status) => {
    const identity = identityOf();
    const hub = await fakeHub(identity);
    hub.instead = { status };
    const folder = await stateFolder();
    const first = await opened(folder, { identity, clock: hastyClock(), hubs: () => [hub.url] });
    await first.feedback.outbox.put(occurrence());
    first.feedback.recorder.interaction(interactionOf("a", "b"));
    first.start();
    await eventually("both were refused", () => first.conditions.list().length === 2);
    expect(first.conditions.list()).toMatchObject([
      {
        code: "feedback/refused",
        severity: "error",
        subject: expect.stringMatching(/^receipt [0-9a-f-]{36}$/),
      },
      { code: "feedback/refused", severity: "error", subject: "feedback 1-1" },
    ]);
    expect(first.conditions.list()[1]?.message).toContain(`${status} {"error":"as told"}`);
    const files = (await folder.files()).filter((path) => path.endsWith(".refused"));
    expect(files).toHaveLength(2);
    for (const path of files) {
      expect(first.conditions.list().some(({ message }) => message.includes(path))).toBe(true);
    }
    // What comes after it is not held up.
    hub.instead = undefined;
    first.feedback.recorder.interaction(interactionOf("c", "d"));
    await eventually("the next one is taken", () => hub.samples.size === 1);
    expect(hub.bodies).toHaveLength(3);
    await first.close();
    // A new start is a new chance.
    const second = await opened(folder, { identity, clock: hastyClock(), hubs: () => [hub.url] });
    second.start();
    await eventually(
      "all is with the hub",
      () => hub.samples.size === 2 && hub.receipts.size === 1,
    );
  },
);

test("what a token cannot open is tried again: clocks and keys are set right by people", async () => {
  const identity = identityOf();
  const hub = await fakeHub(identity);
  hub.instead = { status: 401 };
  let number = 0;
  const { feedback, start, conditions } = await opened(await stateFolder(), {
    ...{ identity, clock: hastyClock(), hubs: () => [hub.url] },
    token: async () => `token-${++number}`,
  });
  await feedback.outbox.put(occurrence());
  start();
  await eventually("it was asked twice", () => hub.bodies.length >= 2);
  // One use each: a hub takes no token twice.
  expect(new Set(hub.tokens).size).toBe(hub.tokens.length);
  hub.instead = undefined;
  await eventually("it has it", () => hub.receipts.size === 1);
  await eventually("it says so no more", () => conditions.list().length === 0);
});

test("the second hub gets what the first one cannot take", async () => {
  const identity = identityOf();
  const [broken, hub] = [await fakeHub(identity), await fakeHub(identity)];
  broken.instead = { status: 500 };
  const { feedback, start, conditions } = await opened(await stateFolder(), {
    ...{ identity, hubs: () => [broken.url, hub.url] },
  });
  await feedback.outbox.put(occurrence());
  start();
  await eventually("it has it", () => hub.receipts.size === 1);
  expect(conditions.list()).toEqual([]);
});

test("neither a redirect nor somebody's welcome page is taken for an acknowledgement", async () => {
  const identity = identityOf();
  const [hub, elsewhere] = [await fakeHub(identity), await fakeHub(identity)];
  const location = elsewhere.url.replace("ws:", "http:");
  hub.instead = { status: 307, headers: { location } };
  const { feedback, start, conditions } = await opened(await stateFolder(), {
    ...{ identity, clock: hastyClock(), hubs: () => [hub.url] },
  });
  await feedback.outbox.put(occurrence());
  start();
  await eventually("it was redirected twice", () => hub.bodies.length >= 2);
  expect(elsewhere.bodies).toEqual([]);
  hub.instead = { status: 200 };
  await eventually("it was welcomed", () =>
    conditions.list().some(({ message }) => message.includes("an answer that is none of a hub")),
  );
  hub.instead = undefined;
  await eventually("it has it", () => hub.receipts.size === 1);
});

test("a hub to which tokens would go in the clear gets nothing", async () => {
  const { feedback, start, conditions } = await opened(await stateFolder(), {
    ...{ clock: hastyClock(), hubs: () => ["ws://hub.example"] },
  });
  await feedback.outbox.put(occurrence());
  start();
  await eventually("it says so", () => conditions.list().length === 1);
  expect(conditions.list()[0]?.message).toContain("not encrypted");
});

function occurrence(): Pick<Receipt, "revision" | "plan" | "result" | "models"> {
  return { revision: 7, plan: `sha256:${"0".repeat(64)}`, result: "running", models: [] };
}
