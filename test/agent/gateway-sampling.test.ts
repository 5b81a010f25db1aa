/** How answers are drawn and how likely they were, as OpenAI's API has it. */
import { expect, test } from "vitest";
import type { Engine } from "../../agent/runner/runner.ts";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const messages = [{ role: "user" as const, content: "two words" }];
const chat = { model: "triage", messages };

/** Says two tokens, with what would be told of them. */
function tellingEngine(): Engine {
  const echo = echoEngine();
  return {
    ...echo,
    async *generate({ logprobs }, signal) {
      signal.throwIfAborted();
      for (const token of ["é", "\uFFFD"]) {
        const top = [{ token, logprob: -0.5 }].slice(0, logprobs);
        const told = { logprobs: [{ token, logprob: -0.5, top }] };
        yield { kind: "text", text: token, ...(logprobs !== undefined && told) };
      }
      yield { kind: "done", finishReason: "stop", usage: { inputTokens: 7, outputTokens: 2 } };
    },
  };
}

const word = { token: "é", logprob: -0.5, bytes: [0xc3, 0xa9] };
const part = { token: "\uFFFD", logprob: -0.5, bytes: null };

test("chat completions tell how likely each token was, whole and streamed", async () => {
  const { client } = await startGateway([tellingEngine()]);
  const asked = { ...chat, logprobs: true, top_logprobs: 1 };
  const { choices } = await client.chat.completions.create(asked);
  const content = [word, part].map((each) => ({ ...each, top_logprobs: [each] }));
  expect(choices[0]?.logprobs).toEqual({ content, refusal: null });
  const stream = client.chat.completions.stream(asked);
  expect((await stream.finalChatCompletion()).choices[0]?.logprobs).toMatchObject({ content });
  const alone = await client.chat.completions.create({ ...chat, logprobs: true });
  expect(alone.choices[0]?.logprobs?.content?.[0]).toEqual({ ...word, top_logprobs: [] });
  const none = await client.chat.completions.create({ ...chat, logprobs: false });
  expect(none.choices[0]?.logprobs).toBeNull();
});

test("text completions tell it with offsets", async () => {
  const { client } = await startGateway([tellingEngine()]);
  const asked = { model: "triage", prompt: "a" };
  const { choices } = await client.completions.create({ ...asked, logprobs: 1 });
  expect(choices[0]?.logprobs).toEqual({
    tokens: ["é", "\uFFFD"],
    token_logprobs: [-0.5, -0.5],
    top_logprobs: [{ é: -0.5 }, { "\uFFFD": -0.5 }],
    text_offset: [0, 1],
  });
  const offsets: unknown[] = [];
  for await (const chunk of await client.completions.create({
    ...asked,
    logprobs: 0,
    stream: true,
  }))
    offsets.push(chunk.choices[0]?.logprobs?.text_offset);
  expect(offsets).toEqual([[0], [1], undefined]);
});

test("several answers to one prompt, which counts once", async () => {
  const engine = echoEngine();
  const { client } = await startGateway([engine]);
  const whole = await client.chat.completions.create({ ...chat, n: 3, temperature: 1, seed: 9 });
  expect(whole.choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, "two words"],
    [1, "two words"],
    [2, "two words"],
  ]);
  expect(whole.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 6, total_tokens: 8 });
  expect(engine.asked.map(({ seed }) => seed)).toEqual([9, 10, 11]);
  const stream = client.chat.completions.stream({ ...chat, n: 2, temperature: 1 });
  const { choices } = await stream.finalChatCompletion();
  expect(choices.map(({ message }) => [message.role, message.content])).toEqual([
    ["assistant", "two words"],
    ["assistant", "two words"],
  ]);
  const [a, b] = engine.asked.slice(3).map(({ seed }) => seed);
  expect(a).not.toBe(b);
  const texts = await client.completions.create({ model: "triage", prompt: ["a", "b"], n: 2 });
  expect(texts.choices.map(({ text }) => text)).toEqual(["a", "a", "b", "b"]);
  expect(texts.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4 });
});

test("penalties and biases reach the engine under its own names; those that change nothing do not", async () => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const asked = {
    ...{ presence_penalty: -2, frequency_penalty: 1.5, logit_bias: { "7": -100, "12": 3.5 } },
    ...{ top_k: 5, min_p: 0.1, repetition_penalty: 1 },
  };
  expect((await post("/v1/chat/completions", { ...chat, ...asked })).status).toBe(200);
  expect(engine.asked[0]).toEqual({
    prompt: { kind: "chat", messages },
    ...{ presencePenalty: -2, frequencyPenalty: 1.5, topK: 5, minP: 0.1 },
    logitBias: [
      [7, -100],
      [12, 3.5],
    ],
  });
  const nothing = { presence_penalty: 0, frequency_penalty: 0, logit_bias: {}, n: 1 };
  await post("/v1/chat/completions", { ...chat, ...nothing, repetition_penalty: 1.2 });
  expect(engine.asked[1]).toEqual({
    prompt: { kind: "chat", messages },
    repetitionPenalty: 1.2,
  });
});

test.each<[string, string, object]>([
  ["top_logprobs", "/v1/chat/completions", { ...chat, top_logprobs: 3 }],
  ["top_logprobs", "/v1/chat/completions", { ...chat, logprobs: true, top_logprobs: 21 }],
  ["logprobs", "/v1/chat/completions", { ...chat, logprobs: 3 }],
  ["logprobs", "/v1/completions", { model: "triage", prompt: "a", logprobs: 6 }],
  ["n", "/v1/chat/completions", { ...chat, n: 9 }],
  ["presence_penalty", "/v1/chat/completions", { ...chat, presence_penalty: 2.1 }],
  ["logit_bias[7]", "/v1/chat/completions", { ...chat, logit_bias: { "7": 101 } }],
  ["logit_bias.word", "/v1/chat/completions", { ...chat, logit_bias: { word: 1 } }],
  [
    "repetition_penalty",
    "/v1/chat/completions",
    { ...chat, repetition_penalty: 1.1, presence_penalty: 1 },
  ],
  ["repeat_penalty", "/v1/chat/completions", { ...chat, repeat_penalty: 1.1 }],
  ["best_of", "/v1/completions", { model: "triage", prompt: "a", best_of: 2 }],
])("%s: what cannot be is refused", async (param, path, body) => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const response = await post(path, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param } });
  expect(engine.asked).toEqual([]);
});
