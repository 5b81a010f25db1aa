import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { echoEngine, eventually, factoryRules, startGateway, verifiedPlan } from "./gateway-kit.ts";

const chat = { model: "triage", messages: [{ role: "user" as const, content: "a b c d e f" }] };

test("it moves to another address without dropping what flows at the old one", async () => {
  const engine = echoEngine({ pauseMs: 30 });
  const { client, gateway, url } = await startGateway([engine]);
  const stream = await client.chat.completions.create({ ...chat, stream: true });
  const before = gateway.address();
  gateway.listenOn("localhost:0");
  await eventually("it has moved", () => gateway.address() !== before);
  const moved = await fetch(`http://${gateway.address()}/healthz`);
  expect(moved.status).toBe(200);
  let text = "";
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
  expect(text).toBe("a b c d e f");
  expect(engine.cancelled()).toBe(0);
  await expect
    .poll(
      () =>
        fetch(`${url}/healthz`).then(
          () => "open",
          () => "closed",
        ),
      { timeout: 5_000 },
    )
    .toBe("closed");
});

test("it moves to another name of the same port", async () => {
  const { gateway, conditions } = await startGateway([echoEngine()]);
  const port = gateway.address()?.split(":")[1];
  gateway.listenOn(`0.0.0.0:${port}`);
  await eventually("it has moved", () => gateway.address() === `0.0.0.0:${port}`);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect(conditions.list().map(({ code }) => code)).toEqual(["gateway/open-to-network"]);
  gateway.listenOn(`127.0.0.1:${port}`);
  await eventually("it has moved back", () => gateway.address() === `127.0.0.1:${port}`);
  expect(conditions.list()).toEqual([]);
});

test("who may use the models is told anew when a plan has keys, and when it has none any more", async () => {
  const apiKeys = { crm: { digest: digestOf("mw-key") } };
  const keyed = verifiedPlan({ factories: { support: { ...factoryRules, apiKeys } } });
  let plan = keyed;
  const { gateway, conditions } = await startGateway([echoEngine()], {
    ...{ plan: () => plan, listen: "0.0.0.0:0" },
  });
  expect(conditions.list()).toEqual([]);
  plan = verifiedPlan();
  gateway.listenOn("0.0.0.0:0");
  await eventually("it is told", () => conditions.list().length === 1);
  expect(conditions.list()[0]?.message).toContain("millwright key");
  plan = keyed;
  gateway.listenOn("0.0.0.0:0");
  await eventually("it is over", () => conditions.list().length === 0);
});

test("an address that is taken is a condition; the old one stays until it is free", async () => {
  const { gateway, conditions, url } = await startGateway([echoEngine()]);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const bound = other.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const taken = `127.0.0.1:${bound.port}`;
  gateway.listenOn(taken);
  await eventually("it says so", () => conditions.list().length > 0);
  expect(conditions.list()).toMatchObject([
    { code: "gateway/cannot-listen", severity: "error", subject: taken },
  ]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await new Promise((resolve) => other.close(resolve));
  await eventually("it has moved", () => gateway.address() === taken);
  expect(conditions.list()).toEqual([]);
});

test("an address on the same port that this host does not have leaves the old one serving", async () => {
  const { gateway, conditions } = await startGateway([echoEngine()]);
  const address = gateway.address() ?? "";
  const port = address.split(":")[1];
  gateway.listenOn(`192.0.2.1:${port}`);
  await eventually("it says so", () => conditions.list().length > 0);
  await eventually("it listens", () => gateway.address() === address);
  expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
});

test("stopping refuses new work, finishes what flows, and then closes", async () => {
  const engine = echoEngine({ pauseMs: 40 });
  const { client, url, stop, interactions } = await startGateway([engine]);
  const stream = await client.chat.completions.create({ ...chat, stream: true });
  const stopped = stop();
  await expect
    .poll(() =>
      fetch(`${url}/healthz`).then(
        ({ status }) => status,
        () => "closed",
      ),
    )
    .not.toBe(200);
  let text = "";
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
  expect(text).toBe("a b c d e f");
  await stopped;
  expect(interactions).toHaveLength(1);
});

test("what flows too long is ended with an error that says why", async () => {
  const engine = echoEngine({ pauseMs: 1_000 });
  const { client, post, stop, serving } = await startGateway([engine], { drainMs: 100 });
  const whole = client.chat.completions.create(chat).catch((error: unknown) => error);
  const engineSlow = echoEngine({ pauseMs: 50 });
  const other = await startGateway([engineSlow], { drainMs: 120 });
  const long = { ...chat, messages: [{ role: "user", content: "word ".repeat(500) }] };
  const streaming = other.post("/v1/chat/completions", { ...long, stream: true });
  await eventually("both are asked", () => engine.asked.length + engineSlow.asked.length === 2);
  await delay(80);
  await Promise.all([stop(), other.stop()]);
  expect(await whole).toMatchObject({ status: 503, code: "stopping" });
  const text = await (await streaming).text();
  expect(text.trimEnd().split("\n\n").at(-1)).toContain('"code":"stopping"');
  expect(serving.out() + other.serving.out()).toBe(0);
  await expect(post("/v1/models", {})).rejects.toThrow();
});
