import { describe, expect, test } from "vitest";
import { explained, readRecorded } from "../../agent/routing/explain.ts";
import { EngineError, type GenerateRequest } from "../../agent/runner/runner.ts";
import { echoEngine } from "./gateway-kit.ts";
import { routesOf, saying } from "./gateway-routes-kit.ts";

const lost = new EngineError("engine-lost", "The process ended.");

describe("every answer says how it came about", () => {
  const choose = [
    { rule: "choose[0]", when: { do: "<", of: [{ read: "tokens" as const }, 50] }, to: ["small"] },
    { rule: "choose[1]", to: ["large"] },
  ];

  test("in its head and body: route, rule, model, adapter, plan; and it can be decided again offline", async () => {
    const { answer, plan } = await routesOf(
      { choose },
      { small: saying("short"), large: saying("long") },
    );
    const short = await answer({ metadata: { task: "summary" }, user: "bea" });
    expect(short.said).toBe("short");
    expect(Object.fromEntries(short.headers)).toMatchObject({
      "x-millwright-route": "mail",
      "x-millwright-rule": "choose[0]",
      "x-millwright-deployment": "small",
      "x-millwright-model": "mail-triage",
      "x-millwright-adapter": "care",
      "x-millwright-plan": plan.digest,
    });
    expect(short.maker).toMatchObject({
      ...{ model: "mail-triage", adapter: "care", plan: plan.digest },
      route: {
        ...{ name: "mail", rule: "choose[0]" },
        facts: { task: "summary", tokens: 7, messages: 1, tools: false, priority: "normal" },
      },
    });
    expect(short.maker.route.point).toBeGreaterThanOrEqual(0);
    const long = await answer({ messages: [{ role: "user", content: "word ".repeat(60) }] });
    expect(long.said).toBe("long");
    for (const { headers, text } of [short, long]) {
      expect(headers.get("x-millwright-decision")).not.toContain("word");
      for (const recorded of [text, headers.get("x-millwright-decision") ?? ""].map(readRecorded)) {
        if (recorded === undefined) throw new Error("not read");
        const again = explained(plan.plan, recorded);
        expect(again.rule).toBe(headers.get("x-millwright-rule"));
        expect(again.asks).toEqual([headers.get("x-millwright-deployment")]);
      }
    }
  });

  test("a stream in its head and in its first event; a name without rules in a word", async () => {
    const { ask } = await routesOf({ choose }, { small: saying("short"), large: saying("long") });
    const { headers, text } = await ask({ stream: true });
    expect(headers.get("x-millwright-rule")).toBe("choose[0]");
    const [first] = text.split("\n\n");
    expect(JSON.parse(first?.slice("data: ".length) ?? "").x_millwright.route).toMatchObject({
      ...{ name: "mail", rule: "choose[0]" },
    });
    const plain = await ask({ model: "large" });
    expect(JSON.parse(plain.text).x_millwright.route).toEqual({
      name: "large",
      rule: "deployment",
    });
    expect(plain.headers.get("x-millwright-decision")).toBeNull();
  });

  test("rules see the language of the text", async () => {
    const german = { do: "==", of: [{ read: "language" as const }, "de"] };
    const { answer } = await routesOf(
      {
        choose: [
          { rule: "choose[0]", when: german, to: ["small"] },
          { rule: "choose[1]", to: ["large"] },
        ],
      },
      { small: saying("deutsch"), large: saying("other") },
    );
    const of = async (content: string) =>
      (await answer({ messages: [{ role: "user", content }] })).said;
    expect(await of("Guten Tag, ich möchte bitte meine Rechnung bezahlen.")).toBe("deutsch");
    expect(await of("Good morning, I would like to pay my invoice, please.")).toBe("other");
    expect(await of("")).toBe("other");
  });
});

test("a conversation stays on its side of a split", async () => {
  const split = [
    { to: "small", weight: 1 },
    { to: "large", weight: 1 },
  ];
  const { answer } = await routesOf(
    { choose: [{ rule: "split", split, to: [] }] },
    { small: saying("a"), large: saying("b") },
  );
  const sides = new Map<string, Set<string>>();
  for (const episode of Array.from({ length: 12 }, (_, index) => `c${index}`)) {
    for (let turn = 0; turn < 3; turn += 1) {
      const { said } = await answer({ metadata: { episode_id: episode } });
      sides.set(episode, (sides.get(episode) ?? new Set()).add(said));
    }
  }
  expect([...sides.values()].every(({ size }) => size === 1)).toBe(true);
  expect(new Set([...sides.values()].flatMap((side) => [...side]))).toEqual(new Set(["a", "b"]));
});

describe("fallbacks", () => {
  test("the next one answers when an engine is lost or fails, and the answer says who was tried", async () => {
    for (const fails of [lost, new EngineError("engine-failed", "It broke.")]) {
      const { answer, out } = await routesOf(
        {},
        { small: saying("", { fails }), large: saying("b") },
      );
      const { said, maker } = await answer();
      expect(said).toBe("b");
      expect(maker.route).toEqual({
        ...{ name: "mail", rule: "to", tried: [{ deployment: "small", code: fails.code }] },
      });
      expect(out()).toBe(0);
    }
  });

  test("who fails often is asked after the others, until it may be over", async () => {
    const small = saying("", { fails: lost });
    const { answer } = await routesOf({}, { small, large: saying("b") });
    for (let count = 0; count < 9; count += 1) expect((await answer()).said).toBe("b");
    expect(small.asked).toHaveLength(5);
  });

  test("what is too long for one is asked of a larger one, and of no other", async () => {
    const fails = new EngineError("prompt-too-long", "Too long.");
    const { answer } = await routesOf({}, { small: saying("", { fails }), large: saying("b") });
    expect((await answer()).said).toBe("b");
    const never = saying("never");
    const backwards = await routesOf(
      { to: ["large", "small"] },
      { small: never, large: saying("", { fails }) },
    );
    expect((await backwards.answer()).error).toMatchObject({ code: "context_length_exceeded" });
    expect(never.asked).toEqual([]);
  });

  test("what the caller did wrong, and what no other would do better, is told at once", async () => {
    const fails = new EngineError("unsupported", "No.");
    const never = saying("never");
    const { answer } = await routesOf({}, { small: saying("", { fails }), large: never });
    expect((await answer()).error).toMatchObject({ code: "unsupported_by_model" });
    expect(never.asked).toEqual([]);
  });
});

describe("escalation", () => {
  const escalate = { below: 0.6, to: "large" };

  test("an answer of which the model is not sure is asked of the larger one, and the caller gets that", async () => {
    const { answer, gateway, interactions } = await routesOf(
      { to: ["small"], escalate },
      { small: saying("guess", { sure: 0.4 }), large: saying("known", { sure: 0.1 }) },
    );
    const { said, maker } = await answer();
    expect([said, maker.deployment]).toEqual(["known", "large"]);
    expect(maker.route.escalated).toEqual({ from: "small", confidence: 0.4, answered: true });
    // Both were paid for; one is remembered.
    expect(
      gateway
        .usage()
        .map(({ deployment }) => deployment)
        .sort(),
    ).toEqual(["large", "small"]);
    expect(interactions.map(({ origin }) => origin.deployment)).toEqual(["large"]);
  });

  test("one of which it is sure enough, or of which it says nothing, is given as it is", async () => {
    const large = saying("never");
    const sure = await routesOf(
      { to: ["small"], escalate },
      { small: saying("a", { sure: 0.6 }), large },
    );
    expect((await sure.answer()).said).toBe("a");
    const silent = await routesOf({ to: ["small"], escalate }, { small: echoEngine(), large });
    expect((await silent.answer()).said).toBe("two words");
    expect(large.asked).toEqual([]);
  });

  test("where the larger one cannot answer, the first answer is given after all", async () => {
    const { answer } = await routesOf(
      { to: ["small"], escalate },
      { small: saying("guess", { sure: 0.4 }), large: saying("", { fails: lost }) },
    );
    const { said, maker } = await answer();
    expect(said).toBe("guess");
    expect(maker.route.escalated).toMatchObject({ from: "small", answered: false });
  });

  test("nothing of a stream is given away before it is clear whose it is", async () => {
    const { ask } = await routesOf(
      { to: ["small"], escalate },
      { small: saying("guess", { sure: 0.4 }), large: saying("known") },
    );
    const { text, headers } = await ask({ stream: true });
    expect(text).toContain('"content":"known"');
    expect(text).not.toContain("guess");
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(headers.get("x-millwright-deployment")).toBe("large");
  });
});

describe("a classifier", () => {
  const labels = [
    { name: "code", is: "writes programs", to: ["large"] },
    { name: "mail", is: "is about a letter", to: ["small"] },
  ];
  const choose = (withinMs = 5_000) => [
    { rule: "choose[0]", to: [], classify: { by: "judge", labels, atLeast: 0.7, withinMs } },
    { rule: "choose[1]", to: ["rest"] },
  ];
  const others = { small: saying("small"), large: saying("large"), rest: saying("rest") };

  test("says of which kind a task is, held to the labels, and is heard when it is sure", async () => {
    const judge = saying('"code"', { sure: 0.9 });
    const { answer, gateway } = await routesOf({ choose: choose() }, { judge, ...others });
    const { said, maker } = await answer();
    expect(said).toBe("large");
    expect(maker.route).toMatchObject({
      rule: "choose[0]",
      rulings: [{ rule: "choose[0]", label: "code", confidence: 0.9 }],
    });
    expect(judge.asked).toMatchObject([{ schema: { enum: ["code", "mail"] }, confidence: true }]);
    const { prompt } = judge.asked[0] as GenerateRequest;
    expect(JSON.stringify(prompt)).toContain("two words");
    expect(
      gateway
        .usage()
        .map(({ deployment }) => deployment)
        .sort(),
    ).toEqual(["judge", "large"]);
  });

  test("one that is not sure, wrong, broken or late is not heard", async () => {
    for (const [judge, why] of [
      [saying('"code"', { sure: 0.5 }), { label: "code", confidence: 0.5 }],
      [saying("nonsense"), { none: "failed" }],
      [saying("", { fails: lost }), { none: "failed" }],
      [saying('"code"', { waitMs: 20_000 }), { none: "late" }],
    ] as const) {
      const { answer, out } = await routesOf({ choose: choose(200) }, { judge, ...others });
      const { said, maker } = await answer();
      expect(said).toBe("rest");
      expect(maker.route.rulings).toEqual([{ rule: "choose[0]", ...why }]);
      expect(out()).toBe(0);
    }
  });
});
