/** Answers that are held to a JSON Schema, by the real engine; another validator judges. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAnswerFormat } from "../../agent/gateway/answer-format.ts";
import type { AnswerSchema, Engine, RunnerHandle } from "../../agent/runner/runner.ts";
import { answer, codeOf, mail, never, openHost, specOf } from "./runner-kit.ts";

let end: () => Promise<void>;
let handle: RunnerHandle;
let engine: Engine;

beforeAll(async () => {
  const opened = await openHost();
  end = opened.end;
  handle = await opened.host.start(specOf({ context: 1_024, parallel: 2 }), never);
  engine = handle.engine;
}, 60_000);
afterAll(async () => end());

/** As the gateway gives it to an engine. */
function schemaOf(schema: object): AnswerSchema {
  const read = readAnswerFormat({ type: "json_schema", json_schema: { name: "x", schema } });
  if (!read.ok || read.value === undefined) throw new Error(JSON.stringify(read));
  return read.value;
}

const ticket = {
  type: "object",
  title: "Ticket",
  properties: {
    team: { enum: ["logistics", "billing"] },
    parcel: { type: "integer", description: "Its number." },
    urgent: { type: "boolean" },
    note: { type: ["string", "null"], maxLength: 20 },
    tags: { type: "array", items: { type: "string", maxLength: 8 }, minItems: 1, maxItems: 3 },
    where: { $ref: "#/$defs/place" },
  },
  required: ["team", "parcel"],
  additionalProperties: false,
  $defs: {
    place: {
      type: "object",
      properties: {
        city: { type: "string", maxLength: 10 },
        since: { type: "string", format: "date" },
      },
    },
  },
};

test.each<[string, object]>([
  ["an object with all kinds of fields", ticket],
  [
    "a choice",
    { anyOf: [{ type: "integer" }, { type: "object", properties: { a: { const: 1 } } }] },
  ],
  [
    "a list of exactly two",
    { type: "array", items: { enum: ["a", "b"] }, minItems: 2, maxItems: 2 },
  ],
  ["a text of some length", { type: "string", minLength: 3, maxLength: 5 }],
])("%s, greedy and wild", async (_, schema) => {
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  const isValid = ajv.compile(schema);
  for (const settings of [{}, { temperature: 1.5, seed: 3 }, { temperature: 2, seed: 8 }]) {
    const given = await answer(engine, mail, {
      ...settings,
      schema: schemaOf(schema),
      maxTokens: 600,
    });
    expect(given.finishReason, given.text).toBe("stop");
    const value: unknown = JSON.parse(given.text);
    expect(isValid(value), `${given.text} ${JSON.stringify(isValid.errors)}`).toBe(true);
  }
});

test("two at the same time, each to its own, and one that asks for nothing beside them", async () => {
  const plain = await answer(engine, mail);
  const [a, b, c] = await Promise.all([
    answer(engine, mail, { schema: schemaOf({ enum: ["logistics"] }) }),
    answer(engine, mail, { schema: schemaOf({ enum: ["billing"] }) }),
    answer(engine, mail),
  ]);
  expect([a.text, b.text, c.text]).toEqual(['"logistics"', '"billing"', plain.text]);
});

test("what is cut by max_tokens says so", async () => {
  const given = await answer(engine, mail, { schema: schemaOf(ticket), maxTokens: 3 });
  expect(given).toMatchObject({ finishReason: "length", usage: { outputTokens: 3 } });
});

test("a schema that the engine makes no grammar of fails its request, and no other", async () => {
  const endless = { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } };
  expect(await codeOf(answer(engine, mail, { schema: endless, maxTokens: 5 }))).toBe("unsupported");
  expect((await answer(engine, mail, { maxTokens: 3 })).usage.outputTokens).toBe(3);
}, 30_000);

test("the largest that the gateway lets through ends in bounded time", async () => {
  const many = {
    type: "array",
    minItems: 256,
    maxItems: 256,
    items: { type: "string", maxLength: 256 },
  };
  const nested = Array.from({ length: 20 }).reduce<object>(
    (inner) => ({ type: "array", minItems: 200, maxItems: 256, items: inner }),
    many,
  );
  for (const schema of [many, nested]) {
    const given = await answer(engine, mail, { schema: schemaOf(schema), maxTokens: 20 });
    expect(given.finishReason).toBe("length");
  }
}, 60_000);
