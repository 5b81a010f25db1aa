import { randomBytes } from "node:crypto";
import type { HostPlan, PlannedRoute } from "@millwright/schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Breaker, closed, isOpen, next } from "../../agent/routing/breaker.ts";
import { decide, type Evidence } from "../../agent/routing/decide.ts";
import { explained, readRecorded } from "../../agent/routing/explain.ts";
import type { Facts } from "../../agent/routing/facts.ts";
import { pointOf, sideAt } from "../../agent/routing/point.ts";
import { holds } from "../../agent/routing/predicate.ts";
import { parseExpression, runnable, typeCheck } from "../../compiler/cel/cel.ts";
import { predicateOf, predicateTypes } from "../../compiler/check/predicate.ts";
import { planOf } from "./plan-kit.ts";

const facts: Facts = {
  ...{ task: "mail", operation: "chat", tokens: 3_000, messages: 2, tools: false, schema: false },
  ...{ stream: false, language: "de", caller: "support/crm", priority: "normal" },
};
const evidence: Evidence = { facts, point: 0.5, rulings: [], open: [] };

const deployments = { small: { model: "a" }, large: { model: "b" }, next: { model: "c" } };

function planWith(route: Partial<PlannedRoute>): HostPlan {
  const all = { factory: "support", to: ["small", "large", "next"], ...route };
  return planOf(1, deployments, { mail: all }).plan;
}

function asked(plan: HostPlan, given: Partial<Evidence> = {}, name = "mail") {
  const decision = decide(plan, name, { ...evidence, ...given });
  return decision?.kind === "taken"
    ? [decision.rule, ...decision.candidates.map(({ deployment }) => deployment)]
    : decision?.kind;
}

describe("who is asked", () => {
  test("a deployment is its own candidate, a plain route stands for its chain, and anything else for nothing", () => {
    const plan = planWith({});
    expect(asked(plan, {}, "small")).toEqual(["deployment", "small"]);
    expect(asked(plan)).toEqual(["to", "small", "large", "next"]);
    for (const name of ["nobody", "toString", "__proto__"])
      expect(asked(plan, {}, name)).toBeUndefined();
  });

  test("the first rule that is about a task says who; where none that stands here is, all that the route has", () => {
    const small = {
      rule: "choose[0]",
      when: { do: "<", of: [{ read: "tokens" as const }, 2_000] },
      to: ["small"],
    };
    const plan = planWith({ choose: [small, { rule: "choose[1]", to: ["large", "small"] }] });
    expect(asked(plan)).toEqual(["choose[1]", "large", "small"]);
    expect(asked(plan, { facts: { ...facts, tokens: 10 } })).toEqual(["choose[0]", "small"]);
    expect(asked(planWith({ choose: [small] }))).toEqual(["otherwise", "small", "large", "next"]);
  });

  test("whoever failed often is asked after all others, and never left out", () => {
    expect(asked(planWith({}), { open: ["small", "next"] })).toEqual([
      ...["to", "large", "small", "next"],
    ]);
  });

  test("a classifier is asked once, and what it is not sure of goes on to the next rule", () => {
    const labels = [
      { name: "code", is: "programs", to: ["large"] },
      { name: "chat", is: "talk", to: [] },
    ];
    const classify = { by: "small", labels, atLeast: 0.7, withinMs: 500 };
    const plan = planWith({
      choose: [
        { rule: "choose[0]", to: [], classify },
        { rule: "choose[1]", to: ["next"] },
      ],
    });
    const with_ = (ruling: Evidence["rulings"][number]) => asked(plan, { rulings: [ruling] });
    const rule = "choose[0]";
    expect(asked(plan)).toBe("ask");
    expect(with_({ rule, label: "code", confidence: 0.7 })).toEqual(["choose[0]", "large"]);
    for (const passed of [
      { rule, label: "code", confidence: 0.69 },
      { rule, label: "chat", confidence: 1 },
      { rule, label: "unheard-of", confidence: 1 },
      { rule, none: "late" as const },
    ])
      expect(with_(passed)).toEqual(["choose[1]", "next"]);
  });
});

describe("splits", () => {
  const split = [
    { to: "small", weight: 95 },
    { to: "next", weight: 5 },
  ];

  test("a side's deployment is asked first, then the other sides, then the fallbacks", () => {
    const plan = planWith({ choose: [{ rule: "split", split, to: ["large", "small"] }] });
    expect(asked(plan, { point: 0.949 })).toEqual(["split", "small", "next", "large"]);
    expect(asked(plan, { point: 0.95 })).toEqual(["split", "next", "small", "large"]);
  });

  test("conversations stay where they are, and stand on the sides as the weights say", () => {
    const points = Array.from({ length: 20_000 }, (_, index) => pointOf("mail", `c${index}`));
    expect(points.every((point) => point >= 0 && point < 1)).toBe(true);
    const share = points.filter((point) => sideAt(split, point)?.to === "next").length / 20_000;
    expect(Math.abs(share - 0.05)).toBeLessThan(0.01);
    expect(pointOf("mail", "c1")).toBe(points[1]);
    // Who is on the small side of one route is not, therefore, on that of all others.
    expect(pointOf("code", "c1")).not.toBe(points[1]);
  });
});

test("a predicate says what the compiler's own CEL says of it, whatever it is and whatever the task", () => {
  const text = fc.constantFrom('"mail"', '"de"', '""', '"ma"', '"support/crm"');
  const number = fc.oneof(fc.integer({ min: -5, max: 5_000 }).map(String), fc.constant("2.5"));
  const strings = fc.constantFrom("task", "language", "caller");
  const atom = fc.oneof(
    fc.constantFrom("tools", "schema", "stream", "true", "false"),
    fc
      .tuple(
        fc.constantFrom("tokens", "messages"),
        fc.constantFrom(..."== != < <= > >=".split(" ")),
        number,
      )
      .map((parts) => parts.join(" ")),
    fc.tuple(strings, fc.constantFrom("==", "!=", "<", ">="), text).map((parts) => parts.join(" ")),
    fc
      .tuple(strings, fc.constantFrom("startsWith", "endsWith", "contains"), text)
      .map(([name, method, part]) => `${name}.${method}(${part})`),
    fc
      .tuple(strings, fc.array(text, { maxLength: 3 }))
      .map(([name, all]) => `${name} in [${all.join(", ")}]`),
    fc.constantFrom('priority == "low"', 'operation in ["chat", "embeddings"]', "tools == stream"),
  );
  const { whole } = fc.letrec<{ readonly whole: string }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc
        .tuple(tie("whole"), fc.constantFrom("&&", "||"), tie("whole"))
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie("whole").map((part) => `!(${part})`),
      fc
        .tuple(tie("whole"), tie("whole"), tie("whole"))
        .map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    ),
  }));
  const someFacts = fc.record({
    ...{
      task: fc.constantFrom("mail", "ma", ""),
      language: fc.constantFrom("de", ""),
      tools: fc.boolean(),
    },
    ...{ schema: fc.boolean(), stream: fc.boolean(), caller: fc.constantFrom("support/crm", "") },
    ...{ tokens: fc.integer({ min: 0, max: 5_000 }), messages: fc.integer({ min: 0, max: 5 }) },
    priority: fc.constantFrom("high" as const, "normal" as const, "low" as const),
    operation: fc.constantFrom("chat", "embeddings"),
  });
  const names = [...predicateTypes().keys()];
  let compared = 0;
  fc.assert(
    fc.property(whole, someFacts, (expression, task) => {
      const read = predicateOf(expression);
      const parsed = parseExpression(expression);
      if (!read.ok || !parsed.ok) return;
      expect(typeCheck(parsed.node, predicateTypes()).slips).toEqual([]);
      const slots = names.map((name) => {
        const value = task[name as keyof Facts];
        return typeof value === "number" ? BigInt(value) : value;
      });
      expect(holds(read.predicate, task)).toBe(runnable(parsed.node, names)(slots, { left: 1e6 }));
      compared += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(compared).toBeGreaterThan(900);
});

describe("a breaker", () => {
  const fail = (breaker: Breaker, at: number) => next(breaker, "failed", at);

  test("opens after five failures in half a minute without an answer, and no sooner", () => {
    let breaker = closed;
    for (const at of [0, 100, 200, 300]) breaker = fail(breaker, at);
    expect(isOpen(breaker, 300)).toBe(false);
    expect(isOpen(fail(breaker, 400), 400)).toBe(true);
    expect(isOpen(fail(next(breaker, "answered", 350), 400), 400)).toBe(false);
    expect(isOpen(fail(breaker, 40_000), 40_000)).toBe(false);
  });

  test("one request finds out whether it is over; while it does, others stay away", () => {
    let breaker = closed;
    for (const at of [0, 1, 2, 3, 4]) breaker = fail(breaker, at);
    expect([isOpen(breaker, 5_003), isOpen(breaker, 5_004)]).toEqual([true, false]);
    const trying = next(breaker, "asked", 5_004);
    expect(isOpen(trying, 5_005)).toBe(true);
    expect(isOpen(next(trying, "answered", 5_100), 5_100)).toBe(false);
    const again = fail(trying, 5_100);
    expect([isOpen(again, 15_099), isOpen(again, 15_100)]).toEqual([true, false]);
    // A trial of which nothing is heard keeps nobody away for ever.
    expect(isOpen(trying, 65_004)).toBe(false);
  });

  test("whatever happens, it lets somebody find out within five minutes", () => {
    const event = fc.tuple(
      fc.constantFrom("asked" as const, "answered" as const, "failed" as const),
      fc.integer({ min: 0, max: 100_000 }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let now = 0;
        let breaker = closed;
        for (const [what, ms] of events) {
          now += ms;
          breaker = next(breaker, what, now);
        }
        expect(isOpen(breaker, now + 300_000)).toBe(false);
      }),
    );
  });
});

describe("a decision that was recorded", () => {
  const plan = planWith({
    choose: [
      { rule: "choose[0]", when: { read: "tools" }, to: ["small"] },
      { rule: "choose[1]", to: ["large"] },
    ],
  });

  test("is made again from an answer, and from what its header says", () => {
    const trace = { name: "mail", rule: "choose[1]", ...evidence };
    const token = Buffer.from(JSON.stringify(trace)).toString("base64url");
    for (const text of [JSON.stringify({ x_millwright: { route: trace } }), `${token}\n`]) {
      const recorded = readRecorded(text);
      if (recorded === undefined) throw new Error("not read");
      expect(recorded).toEqual({ name: "mail", rule: "choose[1]", evidence });
      expect(explained(plan, recorded)).toMatchObject({
        ...{ rule: "choose[1]", recorded: "choose[1]", asks: ["large"] },
        steps: [
          { rule: "choose[0]", taken: false, why: "its condition is false: tools is false" },
          { rule: "choose[1]", taken: true },
        ],
      });
    }
  });

  test("a request alone says what can be told without a model", () => {
    const body = { model: "mail", tools: [{}], messages: [{ role: "user", content: "Grüße" }] };
    const recorded = readRecorded(JSON.stringify(body));
    expect(recorded?.evidence.facts).toMatchObject({ tokens: 6, messages: 1, tools: true });
    expect(recorded && explained(plan, recorded).rule).toBe("choose[0]");
  });

  test("anything else is none", () => {
    for (const text of [
      "",
      "{}",
      "[]",
      "null",
      '"x"',
      "{",
      '{"model":1}',
      randomBytes(50).toString("latin1"),
    ])
      expect(readRecorded(text)).toBeUndefined();
  });
});
