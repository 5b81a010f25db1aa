import { connect } from "node:net";
import { APIError } from "openai";
import { expect, test } from "vitest";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const messages = [{ role: "user" as const, content: "two words" }];
const chat = { model: "triage", messages };

interface Wrong {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

test("an unknown model is a 404 that names those that are known", async () => {
  const { client } = await startGateway([echoEngine()]);
  const error = await client.chat.completions
    .create({ model: "gpt-4o", messages })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({
    ...{ status: 404, code: "model_not_found", param: "model", type: "invalid_request_error" },
    message: expect.stringContaining("silent, summarise-mail, triage"),
  });
});

test.each([
  ["temperature", { temperature: 3 }],
  ["temperature", { temperature: "hot" }],
  ["messages", { messages: [] }],
  ["messages", { messages: undefined }],
  ["messages[0].role", { messages: [{ role: "boss", content: "x" }] }],
  ["messages[0].content", { messages: [{ role: "user", content: 7 }] }],
  [
    "messages[0].content[0].text",
    { messages: [{ role: "user", content: [{ type: "text", text: 1 }] }] },
  ],
  ["max_tokens", { max_tokens: 0 }],
  ["stop", { stop: ["a", "b", "c", "d", "e"] }],
  ["stop[0]", { stop: [1] }],
  ["stream", { stream: "yes" }],
  ["stream_options", { stream_options: { include_usage: true } }],
  ["model", { model: 7 }],
  ["model", { model: "" }],
])("a wrong field is named: %s", async (param, change) => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/chat/completions", { ...chat, ...change });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as Wrong;
  expect(error).toMatchObject({ param, type: "invalid_request_error", code: "invalid_value" });
  expect(error.message).toMatch(/^\S.*\.$/);
});

test.each([
  ["/v1/chat/completions", "tools[0].type", { ...chat, tools: [{ type: "custom", custom: {} }] }],
  ["/v1/chat/completions", "functions", { ...chat, functions: [{ name: "f" }] }],
  ["/v1/chat/completions", "function_call", { ...chat, function_call: { name: "f" } }],
  ["/v1/completions", "tools", { model: "triage", prompt: "a", tools: [{ type: "function" }] }],
  [
    "/v1/chat/completions",
    "messages[0].content[0].type",
    { ...chat, messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
  ],
  ["/v1/completions", "echo", { model: "triage", prompt: "a", echo: true }],
  ["/v1/embeddings", "dimensions", { model: "triage", input: "a", dimensions: 2 }],
  [
    "/v1/rerank",
    "max_tokens_per_doc",
    { model: "triage", query: "a", documents: ["a"], max_tokens_per_doc: 4 },
  ],
])("%s refuses what would change the meaning: %s", async (path, param, body) => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const response = await post(path, body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as Wrong).error).toMatchObject({
    ...{ param, code: "unsupported_parameter", type: "invalid_request_error" },
  });
  expect(engine.asked).toEqual([]);
});

test("fields that nobody knows are ignored, and null is as good as absent", async () => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/chat/completions", {
    ...chat,
    ...{
      tools: null,
      logprobs: false,
      response_format: { type: "text" },
      store: true,
      top_p: null,
    },
    ...{ temperature: null, stop: null, stream: null, stream_options: null, max_tokens: null },
  });
  expect(response.status).toBe(200);
});

test.each([
  ["no JSON", "{", "application/json", 400, "invalid_json"],
  ["nothing", "", "application/json", 400, "invalid_json"],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "application/json", 400, "invalid_json"],
  ["too deep", "[".repeat(100_000), "application/json", 400, "invalid_json"],
  ["no object", "[1]", "application/json; charset=utf-8", 400, "invalid_value"],
  ["a form", "model=triage", "application/x-www-form-urlencoded", 415, "unsupported_content_type"],
  ["plain text", JSON.stringify(chat), "text/plain", 415, "unsupported_content_type"],
  ["too large", `"${"x".repeat(4 * 1024 ** 2)}"`, "application/json", 413, "payload_too_large"],
] as const)("a body that is %s gets its error", async (_, body, type, status, code) => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/chat/completions", body, { "content-type": type });
  expect(response.status).toBe(status);
  expect((await response.json()) as Wrong).toEqual({
    error: { ...{ type: "invalid_request_error", param: null, code }, message: expect.any(String) },
  });
});

test("brackets inside of strings are not depth", async () => {
  const { post } = await startGateway([echoEngine()]);
  const content = `"${"[{".repeat(1_000)}\\`;
  const response = await post("/v1/completions", { model: "triage", prompt: content });
  expect(await response.json()).toMatchObject({ choices: [{ text: content }] });
});

test("a wrong address is a 404, a wrong method a 405 that says which one is right", async () => {
  const { url } = await startGateway([echoEngine()]);
  const missing = await fetch(`${url}/v1/models2?key=secret`);
  expect(missing.status).toBe(404);
  expect(((await missing.json()) as Wrong).error).toMatchObject({ code: "unknown_url" });
  const wrong = await fetch(`${url}/v1/chat/completions`);
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  expect(((await wrong.json()) as Wrong).error).toMatchObject({ code: "method_not_allowed" });
  const deleted = await fetch(`${url}/v1/models/triage`, { method: "DELETE" });
  expect([deleted.status, deleted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  const malformed = await fetch(`${url}/v1/models/%E0%A4%A`);
  expect(malformed.status).toBe(400);
  expect(((await malformed.json()) as Wrong).error).toMatchObject({ code: "bad_request" });
});

test("what is no HTTP is told so, and the gateway goes on", async () => {
  const { url } = await startGateway([echoEngine()]);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.end("\x16\x03\x01 this is TLS\r\n\r\n");
  let answer = "";
  for await (const part of socket) answer += String(part);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain('"code":"bad_request"');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("a page of another origin gets no permission", async () => {
  const { url } = await startGateway([echoEngine()]);
  const preflight = await fetch(`${url}/v1/chat/completions`, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(405);
  expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
});

test("a prompt that is too long is the caller's error, also of a stream", async () => {
  const { client, interactions } = await startGateway([echoEngine({ context: 1 })]);
  for (const stream of [false, true]) {
    await expect(client.chat.completions.create({ ...chat, stream })).rejects.toMatchObject({
      ...{ status: 400, code: "context_length_exceeded", param: "messages" },
      message: expect.stringContaining("2 tokens"),
    });
  }
  await expect(client.completions.create({ model: "triage", prompt: "a b" })).rejects.toMatchObject(
    {
      ...{ code: "context_length_exceeded", param: "prompt" },
    },
  );
  expect(interactions).toEqual([]);
});

test("a model that is not ready is a 503 that says when to come again", async () => {
  const { client, gateway } = await startGateway([]);
  const error = await client.chat.completions.create(chat).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    ...{ status: 503, code: "model_not_ready", type: "server_error" },
    message: expect.stringContaining("it is loading"),
  });
  expect(error instanceof APIError && error.headers?.get("retry-after")).toBe("2");
  const { response } = await client.models.list().withResponse();
  expect(response.status).toBe(200);
  expect(gateway.counts()).toMatchObject({ requests: 1, failed: 1, active: 0 });
});
