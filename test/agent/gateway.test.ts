import { NotFoundError, RateLimitError } from "openai";
import { expect, test } from "vitest";
import { echoEngine, eventually, startGateway } from "./gateway-kit.ts";

const hello = [{ role: "user" as const, content: "two small words" }];
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("the official client gets a chat completion that says who made it", async () => {
  const { client, plan, interactions, serving } = await startGateway([echoEngine()]);
  const { data, response } = await client.chat.completions
    .create({ model: "summarise-mail", messages: hello })
    .withResponse();
  expect(data).toMatchObject({
    object: "chat.completion",
    model: "summarise-mail",
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        message: { role: "assistant", content: "two small words" },
      },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
    x_millwright: {
      deployment: "triage",
      model: "mail-triage",
      adapter: "care",
      plan: plan.digest,
      revision: 7,
      host: "fra-1",
    },
  });
  const id = data.id.slice("chatcmpl-".length);
  expect(id).toMatch(uuid7);
  expect(response.headers.get("x-request-id")).toBe(id);
  expect(response.headers.get("x-millwright-plan")).toBe(plan.digest);
  expect(response.headers.get("x-millwright-deployment")).toBe("triage");
  expect(interactions.map(({ id }) => id)).toEqual([id]);
  expect(serving.out()).toBe(0);
});

test("a stream begins with the role, ends with a reason and the usage, and then [DONE]", async () => {
  const { client, post, serving } = await startGateway([echoEngine()]);
  const stream = await client.chat.completions.create({
    model: "triage",
    messages: hello,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(
    "two small words",
  );
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason ?? null)).toEqual([
    ...[null, null, null, null],
    ...["stop", null],
  ]);
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
  });
  const raw = await post("/v1/chat/completions", {
    model: "triage",
    messages: hello,
    stream: true,
  });
  expect(raw.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const text = await raw.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(text).not.toContain('"usage"');
  expect(serving.out()).toBe(0);
});

test("parameters reach the engine under its own names, and greedy is the default", async () => {
  const engine = echoEngine();
  const { client } = await startGateway([engine]);
  await client.chat.completions.create({ model: "triage", messages: hello });
  await client.chat.completions.create({
    model: "triage",
    messages: [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "one " },
          { type: "text", text: "two END" },
        ],
      },
    ],
    ...{ max_tokens: 9, max_completion_tokens: 5, temperature: 0.5, top_p: 0.9, seed: -1 },
    ...{ stop: "END", user: "somebody", presence_penalty: 0, n: 1, logprobs: null },
  });
  expect(engine.asked).toEqual([
    { prompt: { kind: "chat", messages: hello } },
    {
      prompt: {
        kind: "chat",
        messages: [
          { role: "system", content: "be brief" },
          { role: "user", content: "one two END" },
        ],
      },
      ...{ maxTokens: 5, temperature: 0.5, topP: 0.9, seed: 4_294_967_295, stop: ["END"] },
    },
  ]);
});

test("an answer that was cut by its limit says so", async () => {
  const { client } = await startGateway([echoEngine()]);
  const answer = await client.chat.completions.create({
    ...{ model: "triage", messages: hello, max_completion_tokens: 2 },
  });
  expect(answer.choices[0]).toMatchObject({
    finish_reason: "length",
    message: { content: "two small " },
  });
});

test("text completions take one prompt or several, whole or streamed", async () => {
  const { client, interactions } = await startGateway([echoEngine()]);
  const answer = await client.completions.create({ model: "triage", prompt: ["a b", "c"] });
  expect(answer).toMatchObject({
    object: "text_completion",
    choices: [
      { index: 0, text: "a b", finish_reason: "stop", logprobs: null },
      { index: 1, text: "c", finish_reason: "stop", logprobs: null },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
  });
  expect(answer.id).toMatch(/^cmpl-/);
  expect(interactions[0]?.body.output).toHaveLength(2);
  const texts = ["", ""];
  const stream = await client.completions.create({
    ...{ model: "triage", prompt: ["a b", "c"], stream: true as const },
  });
  for await (const { choices } of stream) {
    for (const { index, text } of choices) texts[index] += text;
  }
  expect(texts).toEqual(["a b", "c"]);
});

test("embeddings come as base64 to the official client and as numbers to whoever asks for them", async () => {
  const { client, post, gateway } = await startGateway([echoEngine()]);
  const answer = await client.embeddings.create({ model: "triage", input: ["four", "a"] });
  expect(answer.data.map(({ embedding }) => embedding)).toEqual([
    [4, 2, -0.25],
    [1, 0.5, -0.25],
  ]);
  expect(answer.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  const plain = await post("/v1/embeddings", { model: "triage", input: "four" });
  expect(await plain.json()).toMatchObject({
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [4, 2, -0.25] }],
    x_millwright: { deployment: "triage" },
  });
  expect(gateway.counts()).toMatchObject({ requests: 2, active: 0, failed: 0, inputTokens: 3 });
});

test("models are the names of deployments and routes, owned by their factories", async () => {
  const { client, url } = await startGateway([echoEngine()]);
  const { data } = await client.models.list();
  expect(data.map(({ id, owned_by }) => `${id} ${owned_by}`)).toEqual([
    "triage support",
    "silent discreet",
    "summarise-mail support",
  ]);
  expect(await client.models.retrieve("triage")).toEqual({
    ...{ id: "triage", object: "model", created: 1_700_000_000, owned_by: "support" },
    x_millwright: { kind: "deployment" },
  });
  await expect(client.models.retrieve("nothing")).rejects.toThrow(NotFoundError);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok", models: 3 });
});

test("a client that leaves stops the engine", async () => {
  const engine = echoEngine({ pauseMs: 20 });
  const { client, serving, gateway, interactions } = await startGateway([engine]);
  const long = [{ role: "user" as const, content: "word ".repeat(900) }];
  const streaming = new AbortController();
  const stream = await client.chat.completions.create(
    { model: "triage", messages: long, stream: true },
    { signal: streaming.signal },
  );
  for await (const _ of stream) streaming.abort();
  await eventually("the stream's engine stops", () => engine.cancelled() === 1);
  const whole = new AbortController();
  const answer = client.chat.completions.create(
    { model: "triage", messages: long },
    { signal: whole.signal },
  );
  await eventually("the engine is asked", () => engine.asked.length === 2);
  whole.abort();
  await expect(answer).rejects.toThrow();
  await eventually("the engine stops", () => engine.cancelled() === 2);
  await eventually("the holds are given back", () => serving.out() === 0);
  await eventually("both are over", () => gateway.counts().active === 0);
  expect(interactions).toEqual([]);
  expect(gateway.counts()).toMatchObject({ requests: 2, failed: 0 });
});

test("more than can wait are told to come again", async () => {
  const echo = echoEngine();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const engine: typeof echo = {
    ...echo,
    async *generate(request, signal) {
      await opened;
      yield* echo.generate(request, signal);
    },
  };
  const { client, serving } = await startGateway([engine]);
  const refused: unknown[] = [];
  const answers = Array.from({ length: 70 }, () =>
    client.chat.completions
      .create({ model: "triage", messages: hello })
      .catch((error: unknown) => void refused.push(error)),
  );
  await eventually("five are refused", () => refused.length === 5, 30_000);
  open();
  await Promise.all(answers);
  expect(refused).toHaveLength(5);
  const [error] = refused as [RateLimitError];
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error.headers.get("retry-after")).toBe("1");
  expect(error).toMatchObject({ code: "too_many_requests", type: "rate_limit_error" });
  expect(serving.out()).toBe(0);
});
