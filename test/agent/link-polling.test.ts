/** A host whose network lets no WebSocket through speaks to a hub that answers requests. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { telemetryCapability } from "@millwright/schema";
import {
  type AgentToServer,
  decodeAgentBody,
  encodeReconnect,
  encodeServerBody,
  linkCapability,
  OPAMP_TYPE,
  RECONNECT_TYPE,
} from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { holds, startAgent, startHub } from "./link-kit.ts";

type Answer = Parameters<typeof encodeServerBody>[0];

/** Answers polls with what is wished for. */
function pollsWith(
  answer: (message: AgentToServer, response: ServerResponse) => Answer | undefined,
) {
  const heard: AgentToServer[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const message = decodeAgentBody(await buffer(request));
    if (message === undefined) throw new Error("the agent sent a body that is no message");
    heard.push(message);
    headers.push(request.headers);
    const reply = answer(message, response);
    if (reply !== undefined)
      response.writeHead(200, { "content-type": OPAMP_TYPE }).end(encodeServerBody(reply));
  };
  return {
    ...{ heard, headers },
    polls: (request: IncomingMessage, response: ServerResponse) => {
      take(request, response).catch((error: unknown) => response.destroy(error as Error));
    },
  };
}

const offer = {
  configHash: Uint8Array.of(7),
  config: { configMap: { "timestamp.json": { body: Buffer.from("{}") } } },
};
const blocking = ["400 Bad Request", "404 Not Found", "405 No", "426 Upgrade", "501 No"];

test.each(blocking)("where an upgrade is answered with %s the agent polls", async (refusal) => {
  const desk = pollsWith(() => ({}));
  await using hub = await startHub({ refuse: () => refusal, polls: desk.polls });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(() => desk.heard.some(({ health }) => health !== undefined), "it reports by polling");
  expect(agent.codes()).toEqual([]);
  const numbers = desk.heard.map(({ sequenceNum }) => Number(sequenceNum));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const tokens = desk.headers.map(({ authorization }) => authorization);
  expect(new Set(tokens).size).toBe(tokens.length);
  const uid = Buffer.from(desk.heard[0]?.instanceUid ?? []).toString("hex");
  expect(`${desk.headers[0]?.["opamp-instance-uid"]}`.replaceAll("-", "")).toBe(uid);
});

test("an offer that comes by polling, also with the first answer, is judged as any other", async () => {
  const desk = pollsWith(() => (desk.heard.length === 1 ? { remoteConfig: offer } : {}));
  await using hub = await startHub({ refuse: () => "426 Upgrade", polls: desk.polls });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(
    () => desk.heard.some(({ remoteConfigStatus }) => remoteConfigStatus?.status === 1),
    "it is applied",
  );
  expect(agent.offers.map((delivery) => [...delivery.keys()])).toEqual([["timestamp.json"]]);
});

test("custom messages travel by polling as they come", async () => {
  const desk = pollsWith(() => ({}));
  await using hub = await startHub({ refuse: () => "404 No", polls: desk.polls });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(
    () => agent.link.send(telemetryCapability, "sample", Buffer.from("x")),
    "it takes one",
  );
  await holds(
    () => desk.heard.some(({ customMessage }) => customMessage?.type === "sample"),
    "it came",
  );
});

test("a WebSocket that comes through takes the place of polling, with a goodbye", async () => {
  let isBlocked = true;
  const desk = pollsWith(() => ({}));
  await using hub = await startHub({
    refuse: () => (isBlocked ? "501 Not Implemented" : undefined),
    polls: desk.polls,
  });
  await using agent = await startAgent({ hubs: [hub.url] });
  await holds(() => desk.heard.length > 1, "it polls");
  isBlocked = false;
  await hub.message(({ effectiveConfig }) => effectiveConfig !== undefined);
  await holds(() => desk.heard.at(-1)?.agentDisconnect !== undefined, "it says goodbye");
  expect(agent.clock.slept).toContain(300_000);
  expect(agent.codes()).toEqual([]);
});

test("a hub that is overloaded is left alone for as long as it says, or for half a minute", async () => {
  const refusals = ["90", undefined];
  for (const after of refusals) {
    const desk = pollsWith((_message, response) => {
      response.writeHead(503, after === undefined ? {} : { "retry-after": after }).end();
      return undefined;
    });
    await using hub = await startHub({ refuse: () => "405 No", polls: desk.polls });
    await using agent = await startAgent({ hubs: [hub.url] });
    const asked = Number(after ?? 30) * 1000;
    await holds(
      () => agent.clock.slept.some((ms) => ms > asked - 500 && ms < asked + 60_000),
      "it waits",
    );
  }
});

const badAnswers: Record<string, (response: ServerResponse) => void> = {
  "link/compressed": (response) =>
    response.writeHead(200, { "content-type": OPAMP_TYPE, "content-encoding": "gzip" }).end(),
  "link/oversized-frame": (response) =>
    response.writeHead(200, { "content-type": OPAMP_TYPE }).end(Buffer.alloc(5 * 1024 ** 2)),
  "link/bad-frame": (response) =>
    response.writeHead(200, { "content-type": OPAMP_TYPE }).end(Buffer.from([255, 255])),
};
test.each(Object.entries(badAnswers))(
  "an answer that no honest hub gives raises %s",
  async (code, answer) => {
    const desk = pollsWith((_message, response) => {
      answer(response);
      return undefined;
    });
    await using hub = await startHub({ refuse: () => "405 No", polls: desk.polls });
    await using agent = await startAgent({ hubs: [hub.url] });
    await holds(() => agent.codes().includes(code), "a person is told");
  },
);

test("a host that finds its instance taken goes by the one it is given, also after a restart", async () => {
  const uid = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  await using hub = await startHub({
    answer: ({ sequenceNum }) =>
      sequenceNum === 1n ? { agentIdentification: { newInstanceUid: uid } } : {},
  });
  await using agent = await startAgent({ hubs: [hub.url] });
  const again = await hub.message(({ instanceUid }) => Buffer.from(instanceUid).equals(uid));
  expect(again.effectiveConfig).toBeDefined();
  const { readFile } = await import("node:fs/promises");
  const path = `${agent.request.state.identity}/instance`;
  await holds(() => agent.events.some(({ event }) => event === "link/renamed"), "it says so");
  await expect.poll(() => readFile(path, "utf8")).toBe(`${Buffer.from(uid).toString("hex")}\n`);
});

test("who was online comes back within the window that the hub dictates, ten minutes at most", async () => {
  for (const [windowMs, wait] of [
    [25_000, 12_500],
    [1e9, 300_000],
  ] as const) {
    const data = encodeReconnect(windowMs);
    await using hub = await startHub({
      answer: () => ({ customMessage: { capability: linkCapability, type: RECONNECT_TYPE, data } }),
    });
    await using agent = await startAgent({ hubs: [hub.url] });
    await hub.message(() => true);
    await holds(() => agent.link.send("x", "y", new Uint8Array()), "it is online");
    await new Promise((resolve) => setTimeout(resolve, 50));
    hub.socket().terminate();
    await holds(
      () => agent.clock.slept.some((ms) => Math.abs(ms - wait) < 500),
      "it waits so long",
    );
  }
});
