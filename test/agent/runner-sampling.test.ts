/** How tokens are drawn and how likely they were, by the real engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, TokenLogprob } from "../../agent/runner/runner.ts";
import {
  codeOf,
  collect,
  complete,
  line,
  mail,
  never,
  openHost,
  type Settings,
  specOf,
} from "./runner-kit.ts";

let end: () => Promise<void>;
let engine: Engine;
beforeAll(async () => {
  const opened = await openHost();
  end = opened.end;
  engine = (await opened.host.start(specOf(), never)).engine;
}, 60_000);
afterAll(() => end());

async function told(settings: Settings): Promise<readonly TokenLogprob[]> {
  const messages = [{ role: "user", content: mail }];
  const tokens: TokenLogprob[] = [];
  for await (const event of engine.generate(
    { ...settings, prompt: { kind: "chat", messages } },
    never,
  ))
    if (event.kind === "text") tokens.push(...(event.logprobs ?? []));
  return tokens;
}

test("the tokens of an answer are told with how likely they were, and change nothing of it", async () => {
  const tokens = await told({ logprobs: 3 });
  expect(tokens.map(({ token }) => token).join("")).toBe(line);
  expect(tokens).toHaveLength(15);
  for (const { token, logprob, top } of tokens) {
    expect(top).toHaveLength(3);
    // Greedy takes the likeliest.
    expect(top[0]).toEqual({ token, logprob });
    expect(top.map(({ logprob }) => logprob)).toEqual(
      top.map(({ logprob }) => logprob).toSorted((a, b) => b - a),
    );
    expect(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeLessThan(1.0001);
  }
  const alone = await told({ logprobs: 0 });
  expect(alone.map(({ token, top }) => [token, top])).toEqual(
    tokens.map(({ token }) => [token, []]),
  );
  for (const [index, { logprob }] of alone.entries())
    expect(logprob).toBeCloseTo(tokens[index]?.logprob ?? 1, 3);
  expect(await told({})).toEqual([]);
});

test("of what a stop string cut off nothing is told", async () => {
  const tokens = await told({ logprobs: 0, stop: [" late"] });
  expect(tokens.map(({ token }) => token).join("")).toBe("Ana: parcel 4821 is");
});

/** The first answer token's number, and those likeliest after it, found by their bias. */
async function repeatedToken(): Promise<number> {
  for (let token = 100; token < 500; token += 1) {
    const said = await complete(engine, "a", { logitBias: [[token, 100]], maxTokens: 3 });
    if (/^( ?[a-z]+)\1\1$/.test(said.text)) return token;
  }
  throw new Error("no token can be forced");
}

test("biases and penalties change logits by what OpenAI says", async () => {
  const token = await repeatedToken();
  const gaps = async (settings: Settings) => {
    const biased = { logitBias: [[token, 25] as const], maxTokens: 4, logprobs: 2, ...settings };
    const tokens: TokenLogprob[] = [];
    const prompt = { kind: "text", text: "a" } as const;
    for await (const event of engine.generate({ ...biased, prompt }, never))
      if (event.kind === "text") tokens.push(...(event.logprobs ?? []));
    return tokens.map(({ top: [first, second] }) => (first?.logprob ?? 0) - (second?.logprob ?? 0));
  };
  const plain = await gaps({});
  const less = (settings: Settings) =>
    gaps(settings).then((found) => found.map((gap, index) => (plain[index] ?? 0) - gap));
  const near = (found: readonly number[], expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    for (const [index, gap] of found.entries()) expect(gap).toBeCloseTo(expected[index] ?? 0, 1);
  };
  near(await less({ logitBias: [[token, 20]] }), [5, 5, 5, 5]);
  near(await less({ presencePenalty: 1.5 }), [0, 1.5, 1.5, 1.5]);
  near(await less({ frequencyPenalty: 2 }), [0, 2, 4, 6]);
  near(await less({ frequencyPenalty: -1, presencePenalty: 0.5 }), [0, -0.5, -1.5, -2.5]);
  // A divisor: half of 25 and more.
  expect((await less({ repetitionPenalty: 2 }))[1]).toBeGreaterThan(5);
}, 30_000);

test.each([
  ["no token of the model", 1_000_000],
  ["the end of an answer", 2],
])("a bias for %s is refused", async (_, token) => {
  const messages = [{ role: "user", content: mail }];
  const asked = collect(engine, {
    prompt: { kind: "chat", messages },
    logitBias: [[token, -100]],
  });
  expect(await codeOf(asked)).toBe("unsupported");
});
