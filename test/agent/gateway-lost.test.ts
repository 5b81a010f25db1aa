import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import { EngineError } from "../../agent/runner/runner.ts";
import { echoEngine, eventually, startGateway } from "./gateway-kit.ts";

const chat = { model: "triage", messages: [{ role: "user" as const, content: "two words" }] };

interface Wrong {
  readonly error: { readonly type: string; readonly code: string };
}

test("an engine that is lost before the first word is replaced by another one", async () => {
  const lost = echoEngine({ diesAfter: 0 });
  const { client, serving, gateway } = await startGateway([lost, echoEngine()]);
  const answer = await client.chat.completions.create(chat);
  expect(answer.choices[0]?.message.content).toBe("two words");
  expect(lost.asked).toHaveLength(1);
  expect(serving.out()).toBe(0);
  expect(gateway.counts()).toMatchObject({ requests: 1, failed: 0 });
});

test("a whole answer is written anew by another engine when the first is lost half way", async () => {
  const { client, interactions } = await startGateway([echoEngine({ diesAfter: 1 }), echoEngine()]);
  const answer = await client.chat.completions.create(chat);
  expect(answer.choices[0]?.message.content).toBe("two words");
  expect(interactions).toHaveLength(1);
});

test("when there is no other engine, the caller is told to come again", async () => {
  const { post, serving } = await startGateway([echoEngine({ diesAfter: 0 })]);
  for (const [path, body] of [
    ["/v1/chat/completions", chat],
    ["/v1/chat/completions", { ...chat, stream: true }],
    ["/v1/embeddings", { model: "triage", input: "a" }],
  ] as const) {
    const response = await post(path, body);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(((await response.json()) as Wrong).error).toMatchObject({
      ...{ code: "engine_lost", type: "server_error" },
    });
  }
  expect(serving.out()).toBe(0);
});

test("an engine that is lost within an answer ends the stream with an error, not with [DONE]", async () => {
  const { client, post, serving, gateway, interactions } = await startGateway([
    echoEngine({ diesAfter: 1 }),
  ]);
  const response = await post("/v1/chat/completions", { ...chat, stream: true });
  const text = await response.text();
  expect(text).toContain('"content":"two "');
  expect(text.trimEnd().split("\n\n").at(-1)).toMatch(/^data: \{"error":\{.*"code":"engine_lost"/);
  expect(text).not.toContain("[DONE]");
  const stream = await client.chat.completions.create({ ...chat, stream: true });
  await expect(async () => {
    for await (const _ of stream);
  }).rejects.toThrow("The process ended");
  const whole = await post("/v1/chat/completions", chat);
  expect(whole.status).toBe(503);
  expect(serving.out()).toBe(0);
  expect(interactions).toEqual([]);
  expect(gateway.counts()).toMatchObject({ requests: 3, failed: 3, active: 0 });
});

test("an engine that fails is a 500 of ours, in the engine's words", async () => {
  const engine = {
    ...echoEngine(),
    embed: () => Promise.reject(new EngineError("engine-failed", "CUDA error 700.")),
  };
  const { client } = await startGateway([engine]);
  await expect(client.embeddings.create({ model: "triage", input: "a" })).rejects.toMatchObject({
    ...{ status: 500, code: "engine_failed", type: "server_error" },
    message: expect.stringContaining("CUDA error 700."),
  });
});

test("an error of ours tells the caller nothing but where to look", async () => {
  const events: string[] = [];
  const engine = { ...echoEngine(), embed: () => Promise.reject(new Error("the secret 4711")) };
  const { post, serving } = await startGateway([engine], {
    journal: (_, event) => events.push(JSON.stringify(event)),
  });
  const response = await post("/v1/embeddings", { model: "triage", input: "a" });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("4711");
  expect(text).toContain('"internal_error"');
  const id = response.headers.get("x-request-id") ?? "none";
  expect(events.some((event) => event.includes(id) && event.includes("4711"))).toBe(true);
  expect(serving.out()).toBe(0);
});

test("a client that reads nothing is given up, and its engine stopped", async () => {
  let stopped = false;
  const engine = {
    ...echoEngine(),
    async *generate(_: unknown, signal: AbortSignal) {
      try {
        while (!signal.aborted) yield { kind: "text" as const, text: "x".repeat(65_536) };
      } finally {
        stopped = true;
      }
    },
  };
  const { url, serving, gateway, interactions } = await startGateway([engine], {
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 100), signal) },
  });
  const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ ...chat, stream: true });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json`;
  socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await eventually("the engine is stopped", () => stopped);
  await eventually("the task is over", () => gateway.counts().requests === 1);
  expect(serving.out()).toBe(0);
  expect(interactions).toEqual([]);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  let end = "";
  socket.on("data", (part) => {
    end = String(part);
  });
  socket.on("error", () => undefined);
  socket.resume();
  await closed;
  expect(end).not.toContain("[DONE]");
});

test("a client that sends half a request and leaves holds nothing", async () => {
  const { url, serving, gateway } = await startGateway([echoEngine()]);
  const request = httpRequest(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "1000" },
  });
  request.on("error", () => undefined);
  request.write('{"model":');
  await eventually("it is sent", () => request.writableLength === 0);
  request.destroy();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(serving.out()).toBe(0);
  expect(gateway.counts()).toMatchObject({ active: 0, requests: 0 });
});
