/** Callers that wait so long and no longer. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { turnsOf } from "../../agent/gateway/turns.ts";
import { withinOf } from "../../agent/gateway/within.ts";
import { echoEngine, eventually, startGateway } from "./gateway-kit.ts";

const slow = { model: "triage", messages: [{ role: "user" as const, content: "w ".repeat(200) }] };
const soon = { prefer: "wait=1" };

test("how long a caller waits is said by Prefer (RFC 7240) or by OpenAI's client, whichever is less", () => {
  expect(withinOf({})).toBeUndefined();
  expect(withinOf({ prefer: "wait=30" })).toBe(30_000);
  expect(withinOf({ prefer: "respond-async, wait = 7; x=1" })).toBe(7_000);
  expect(withinOf({ prefer: "wait=30", "x-stainless-timeout": "600" })).toBe(30_000);
  expect(withinOf({ "x-stainless-timeout": "0.5" })).toBe(500);
  for (const prefer of ["wait", "wait=", "wait=-1", "wait=0", "await=5", "wait=5s", "wait=1e9"])
    expect(withinOf({ prefer })).toBeUndefined();
  expect(withinOf({ "x-stainless-timeout": "never" })).toBeUndefined();
});

test("no header makes it throw, or wait for ever less than it says", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (prefer, own) => {
      const ms = withinOf({ prefer, "x-stainless-timeout": own });
      expect(ms === undefined || (ms > 0 && ms <= 86_400_000)).toBe(true);
    }),
  );
});

test("an answer that is not there in time stops its engine, and the caller is told why", async () => {
  const engine = echoEngine({ pauseMs: 50 });
  const { post, serving, gateway } = await startGateway([engine]);
  const whole = await post("/v1/chat/completions", slow, soon);
  expect(whole.status).toBe(504);
  expect(await whole.json()).toMatchObject({
    error: { type: "server_error", code: "deadline_exceeded", param: null },
  });
  await eventually("the engine is stopped", () => engine.cancelled() === 1);
  const stream = await post("/v1/chat/completions", { ...slow, stream: true }, soon);
  const text = await stream.text();
  expect(stream.status).toBe(200);
  expect(text).toContain('"content":"w "');
  expect(text.trimEnd().split("\n\n").at(-1)).toContain('"code":"deadline_exceeded"');
  await eventually("the engine is stopped", () => engine.cancelled() === 2);
  expect(serving.out()).toBe(0);
  expect(gateway.counts()).toMatchObject({ active: 0, requests: 2, failed: 2 });
});

test("who waits for a turn until its time is over leaves the queue", async () => {
  const engine = echoEngine({ pauseMs: 20 });
  const { post, serving } = await startGateway([engine]);
  const first = post("/v1/chat/completions", slow);
  await eventually("the first is at work", () => engine.asked.length === 1);
  const second = await post("/v1/chat/completions", slow, soon);
  expect(second.status).toBe(504);
  expect(engine.asked).toHaveLength(1);
  expect((await first).status).toBe(200);
  expect(serving.out()).toBe(0);
});

test("a caller's own requests are answered in the order of their deadlines, and no other caller waits for that", async () => {
  const turns = turnsOf();
  const { signal } = new AbortController();
  const served: string[] = [];
  const first = turns.free("triage", 1);
  const ends = [first];
  const come = async (caller: string, name: string, until?: number) => {
    const who = { caller, priority: "normal" as const, signal };
    ends.push(await turns.next("triage", { ...who, ...(until !== undefined && { until }) }));
    served.push(name);
  };
  const coming = [
    come("a", "a whenever"),
    come("a", "a late", 900),
    come("b", "b whenever"),
    come("a", "a soon", 100),
    come("a", "a soon too", 100),
  ];
  for (let left = coming.length; left > 0; left -= 1) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(coming);
  expect(served).toEqual(["a soon", "b whenever", "a soon too", "a late", "a whenever"]);
});
