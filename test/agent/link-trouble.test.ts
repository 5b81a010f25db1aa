import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { MAX_FRAME, ServerErrorResponseType } from "@millwright/schema/opamp";
import fc from "fast-check";
import { expect, test } from "vitest";
import { delayMs, parseRetryAfter } from "../../agent/link/backoff.ts";
import { type Course, next } from "../../agent/link/course.ts";
import { httpOrigin } from "../../agent/trust/trust.ts";
import { freePort, holds, startAgent, startHub } from "./link-kit.ts";

const chance = (fraction: number) => ({ fraction: () => fraction, bytes: () => new Uint8Array() });

test("the wait before a new attempt doubles up to a minute, and is spread over all of it, also there", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000].map((attempt) =>
    delayMs(attempt, 0, chance(1)),
  );
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(delayMs(1000, 0, chance(0))).toBe(0);
});

test("what a hub asks for is honoured, spread, and never more than ten minutes", () => {
  expect(delayMs(0, 30_000, chance(0))).toBe(30_000);
  expect(delayMs(0, 30_000, chance(0.5))).toBe(30_250);
  expect(delayMs(0, 1e12, chance(0))).toBe(600_000);
  expect(delayMs(0, -5, chance(0))).toBe(0);
});

test("Retry-After is read as seconds and as a date; anything else is nothing", () => {
  const now = Date.UTC(2026, 9, 1);
  expect(parseRetryAfter("120", now)).toBe(120_000);
  expect(parseRetryAfter(new Date(now + 5_000).toUTCString(), now)).toBe(5_000);
  expect(parseRetryAfter(new Date(now - 5_000).toUTCString(), now)).toBe(0);
  expect(parseRetryAfter("soon", now)).toBeUndefined();
  expect(parseRetryAfter(undefined, now)).toBeUndefined();
});

test("attempts count on until a connection has held for a while", () => {
  const delay = (attempt: number) => attempt;
  const waiting: Course = { kind: "waiting", attempt: 3, until: 0 };
  const dialling = next(waiting, { kind: "due" }, 10, delay);
  expect(dialling).toEqual({ kind: "dialling", attempt: 4 });
  expect(next(dialling, { kind: "lost" }, 10, delay)).toEqual({
    ...{ kind: "waiting", attempt: 4, until: 14 },
  });
  const online = next(dialling, { kind: "opened" }, 10, delay);
  expect(online).toEqual({ kind: "online", attempt: 4, since: 10 });
  expect(next(online, { kind: "lost" }, 29_000, delay)).toMatchObject({ attempt: 4 });
  expect(next(online, { kind: "lost" }, 30_010, delay)).toMatchObject({ attempt: 0 });
  expect(next(online, { kind: "due" }, 11, delay)).toBe(online);
});

test("whatever happens, the wait ends", () => {
  const event = fc.oneof(
    fc.constant({ kind: "due" } as const),
    fc.constant({ kind: "opened" } as const),
    fc.record({ kind: fc.constant("lost" as const), retryAfterMs: fc.double({ noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(event), fc.double({ min: 0, max: 1, noNaN: true }), (events, fraction) => {
      let course: Course = { kind: "waiting", attempt: 0, until: 0 };
      for (const happened of events) {
        course = next(course, happened, 0, (attempt, asked) =>
          delayMs(attempt, asked, chance(fraction)),
        );
        if (course.kind === "waiting") expect(course.until).toBeLessThanOrEqual(660_000);
      }
    }),
  );
});

test("a hub that goes and comes back is found again; that it is away is a condition meanwhile", async () => {
  const hub = await startHub();
  const { port, url } = hub;
  await using agent = await startAgent({ hubs: [url] });
  await hub.message(() => true);
  await hub[Symbol.asyncDispose]();
  await holds(() => agent.codes().includes("link/hub-unreachable"), "the condition is raised");
  await using back = await startHub({ port });
  await back.message(({ agentDescription }) => agentDescription !== undefined);
  await holds(() => agent.codes().length === 0, "the condition is cleared");
});

test("hubs are tried in order", async () => {
  const dead = `ws://127.0.0.1:${await freePort()}`;
  await using second = await startHub();
  await using third = await startHub();
  await using _ = await startAgent({ hubs: [dead, second.url, third.url] });
  await second.message(() => true);
  expect(third.calls).toHaveLength(0);
});

test("a hub that leaves the plan is left", async () => {
  await using first = await startHub();
  await using second = await startHub();
  let hubs = [first.url];
  await using agent = await startAgent({ hubs: () => hubs });
  await first.message(() => true);
  hubs = [second.url];
  agent.become({});
  await second.message(() => true);
  expect(first.closes).toHaveLength(1);
});

test("an address that is not encrypted and not on this machine is never dialled", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: ["ws://192.0.2.1:7420", hub.url] });
  await hub.message(() => true);
  expect(agent.codes()).toEqual(["link/unfit-hub"]);
});

test("the HTTP side of a hub is where its WebSocket is, and encrypted off this machine", () => {
  expect(httpOrigin("wss://hub.acme.example")).toBe("https://hub.acme.example");
  expect(httpOrigin("wss://hub.acme.example:7420/")).toBe("https://hub.acme.example:7420");
  expect(httpOrigin("ws://127.0.0.1:7420")).toBe("http://127.0.0.1:7420");
  expect(httpOrigin("ws://[::1]:7420")).toBe("http://[::1]:7420");
  for (const wrong of ["ws://hub.acme.example", "ws://127.0.0.1.evil.example", "ws://10.0.0.1"])
    expect(() => httpOrigin(wrong)).toThrow(/not encrypted/);
  for (const wrong of ["https://hub.acme.example", "hub", "", "file:///etc"])
    expect(() => httpOrigin(wrong)).toThrow(/no address of a hub/);
});

test("a hub that is too busy is left alone as long as it asks", async () => {
  await using hub = await startHub({
    refuse: () => "503 Service Unavailable\r\nRetry-After: 120",
  });
  await using agent = await startAgent({ hubs: [hub.url], fraction: 0 });
  await holds(() => agent.clock.slept.some((ms) => ms > 119_000 && ms <= 120_000), "it waits");
  expect(agent.codes()).toEqual(["link/hub-unreachable"]);
});

test("a hub that says that it is unavailable is left for as long as it says, or half a minute", async () => {
  const type = ServerErrorResponseType.ServerErrorResponseType_Unavailable;
  for (const [retryInfo, asked] of [
    [{ retryInfo: { retryAfterNanoseconds: 45_000_000_000n } }, 45_000],
    [{}, 30_000],
    [{ retryInfo: { retryAfterNanoseconds: 2n ** 64n - 1n } }, 600_000],
  ] as const) {
    await using hub = await startHub({ answer: () => ({ errorResponse: { type, ...retryInfo } }) });
    await using agent = await startAgent({ hubs: [hub.url], fraction: 0 });
    await holds(
      () => agent.clock.slept.some((ms) => ms > asked - 500 && ms <= asked),
      `it waits ${asked} ms`,
    );
  }
});

test("a host that the hub does not know is told what to do", async () => {
  await using hub = await startHub({ refuse: () => "401 Unauthorized" });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(() => agent.codes().length > 0, "the condition is raised");
  const [condition] = agent.request.conditions.list();
  expect(condition?.message).toMatch(/HTTP 401.*Merge this host's definition/);
});

test.each([
  ["a clock that is behind", -7_200_000, /clock is 2 hours behind the hub's. Set the clock/],
  ["a clock that is ahead", 40 * 86_400_000, /clock is 40 days ahead of the hub's. Set the clock/],
])("a hub that takes no token: %s is told", async (_, offset, words) => {
  const date = new Date(Date.now() - offset).toUTCString();
  await using hub = await startHub({ refuse: () => `401 Unauthorized\r\nDate: ${date}` });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(() => agent.codes().length > 0, "the condition is raised");
  const [condition] = agent.request.conditions.list();
  expect(condition?.message).toMatch(words);
});

test("a refusal that never ends keeps no host from its other hub", async () => {
  const endless = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(endless, "listening");
  const { port } = endless.address() as AddressInfo;
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [`ws://127.0.0.1:${port}`, hub.url] });
  await hub.message(() => true);
  expect(agent.codes()).toEqual([]);
  endless.close();
});

test("a hub that answers no more is given up after a minute and a half", async () => {
  await using hub = await startHub({ answer: () => undefined });
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  agent.clock.offset += 89_000;
  await hub.message(({ sequenceNum }) => sequenceNum === 2n);
  expect(hub.calls).toHaveLength(1);
  agent.clock.offset += 2_000;
  await holds(() => hub.calls.length === 2, "it dials again");
  expect(agent.events.some(({ reason }) => reason === "it has been silent for too long")).toBe(
    true,
  );
});

test("rubbish ends a connection and nothing else, and a hub of rubbish is called more and more rarely", async () => {
  const rubbish = [Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(0, 0xff, 0xff)];
  let count = 0;
  await using hub = await startHub({
    answer: () => rubbish[count++ % rubbish.length],
  });
  await using agent = await startAgent({ hubs: [hub.url], fraction: 1 });
  await holds(() => hub.calls.length >= 4, "it calls again");
  expect(agent.offers).toEqual([]);
  const waited = (wanted: number) =>
    agent.clock.slept.some((ms) => ms <= wanted && ms > wanted - 100);
  expect([2_000, 4_000].map(waited)).toEqual([true, true]);
});

test("text instead of bytes, and a frame that is too large, end a connection too", async () => {
  for (const frame of ["hello", new Uint8Array(MAX_FRAME + 1)]) {
    await using hub = await startHub();
    await using agent = await startAgent({ hubs: [hub.url] });
    await hub.message(() => true);
    hub.socket().send(frame);
    await holds(() => hub.calls.length === 2, "it dials again");
    expect(agent.offers).toEqual([]);
  }
});

test("a message for another agent is not read", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  const remoteConfig = { config: { configMap: {} }, configHash: Uint8Array.of(1) };
  hub.say({ instanceUid: new Uint8Array(16), remoteConfig });
  await holds(
    () => agent.events.some(({ event }) => event === "link/message-for-another"),
    "it is noted",
  );
  expect(agent.offers).toEqual([]);
});

test("keys, endpoints, packages and commands of a hub are refused, and raise an alarm that the hub sees", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  for (let time = 0; time < 3; time += 1) {
    hub.say({
      connectionSettings: { hash: Uint8Array.of(1) },
      packagesAvailable: { allPackagesHash: Uint8Array.of(2) },
      command: { type: 0 },
    });
  }
  await holds(() => agent.codes().length === 3, "the alarms are raised");
  expect(new Set(agent.codes())).toEqual(new Set(["link/refused-offer"]));
  expect(agent.events.filter(({ event }) => event === "link/refused-offer")).toHaveLength(3);
  const seen = await hub.message(({ health }) => health?.healthy === false);
  expect(seen.health?.lastError).toMatch(/^link\/refused-offer: /);
  expect(agent.offers).toEqual([]);
  expect(hub.calls).toHaveLength(1);
});

test("an empty configuration is an offer like any other: trust judges it", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  hub.say({ remoteConfig: { config: { configMap: {} }, configHash: Uint8Array.of(9) } });
  await holds(() => agent.offers.length === 1, "it is judged");
  expect(agent.offers[0]?.size).toBe(0);
});

test("a clock that is set back or forward by years neither silences the link nor loses it for long", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  for (const years of [-10, 20]) {
    const count = hub.heard.length;
    agent.clock.offset += years * 365 * 86_400_000;
    agent.become({ gateway: `127.0.0.1:${7430 + years}` });
    await hub.message(({ effectiveConfig }) => effectiveConfig !== undefined, count);
  }
  await holds(() => agent.codes().length === 0, "no condition is left");
});
