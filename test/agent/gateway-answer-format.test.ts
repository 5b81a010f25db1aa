/** Which answers may be asked for, and what is said of those that may not. */
import { expect, test } from "vitest";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const messages = [{ role: "user", content: "two words" }];

async function asked(response_format: unknown) {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const response = await post("/v1/chat/completions", {
    model: "triage",
    messages,
    response_format,
  });
  const body = (await response.json()) as {
    error?: { param: string; code: string; message: string };
  };
  return { status: response.status, error: body.error, schema: engine.asked[0]?.schema };
}

const of = (schema: unknown) => ({ type: "json_schema", json_schema: { name: "x", schema } });

test.each([
  [undefined, undefined],
  [null, undefined],
  [{ type: "text" }, undefined],
  [{ type: "json_object" }, { type: "object", additionalProperties: true }],
  [
    of({
      type: "object",
      title: "T",
      properties: { a: { type: ["string", "null"], maxLength: 3 } },
      required: ["a"],
    }),
    {
      type: "object",
      properties: { a: { oneOf: [{ type: "string", maxLength: 3 }, { type: "null" }] } },
      additionalProperties: false,
    },
  ],
  [
    of({ anyOf: [{ const: 1 }, { type: "boolean" }] }),
    { oneOf: [{ enum: [1] }, { type: "boolean" }] },
  ],
  [
    of({ $ref: "#/$defs/a", $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } } }),
    { $ref: "#/$defs/a", $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } } },
  ],
])("%j reaches the engine as it keeps to it", async (format, schema) => {
  expect(await asked(format)).toEqual({ status: 200, error: undefined, schema });
});

const deep = (levels: number): object =>
  levels === 0 ? { type: "null" } : { type: "array", items: deep(levels - 1) };
const wide = {
  type: "object",
  properties: Object.fromEntries(
    Array.from({ length: 1_001 }, (_, n) => [`p${n}`, { type: "null" }]),
  ),
};

test.each<[unknown, string, string]>([
  ["json", "response_format", "invalid_value"],
  [{ type: "xml" }, "response_format.type", "invalid_value"],
  [{ type: "json_schema" }, "response_format.json_schema", "invalid_value"],
  [of(7), "response_format.json_schema.schema", "invalid_value"],
  [of({ type: "thing" }), "response_format.json_schema.schema.type", "invalid_value"],
  [
    of({ type: "string", pattern: "^a" }),
    "response_format.json_schema.schema.pattern",
    "unsupported_parameter",
  ],
  [
    of({ type: "string", format: "uuid" }),
    "response_format.json_schema.schema.format",
    "unsupported_parameter",
  ],
  [
    of({ type: "object", properties: { n: { type: "integer", minimum: 1 } } }),
    "response_format.json_schema.schema.properties.n.minimum",
    "unsupported_parameter",
  ],
  [
    of({ type: "object", required: ["a"] }),
    "response_format.json_schema.schema.required",
    "invalid_value",
  ],
  [
    of({ type: "array", items: { enum: [{}] } }),
    "response_format.json_schema.schema.items.enum",
    "invalid_value",
  ],
  [
    of({ type: "array", minItems: 3, maxItems: 2 }),
    "response_format.json_schema.schema.minItems",
    "invalid_value",
  ],
  [
    of({ type: "array", maxItems: 1e9 }),
    "response_format.json_schema.schema.maxItems",
    "invalid_value",
  ],
  [
    of({ $ref: "#/$defs/b", $defs: { a: {} } }),
    "response_format.json_schema.schema.$ref",
    "invalid_value",
  ],
  [
    of({ $ref: "https://evil.example/x" }),
    "response_format.json_schema.schema.$ref",
    "invalid_value",
  ],
  [
    of({ allOf: [{ type: "null" }] }),
    "response_format.json_schema.schema.allOf",
    "unsupported_parameter",
  ],
  [of({ type: [] }), "response_format.json_schema.schema.type", "invalid_value"],
  [of(deep(40)), "response_format", "invalid_value"],
  [of(wide), "response_format", "invalid_value"],
])("%#: what no engine keeps to is refused, and says where", async (format, param, code) => {
  expect(await asked(format)).toMatchObject({
    status: 400,
    error: { param, code },
    schema: undefined,
  });
});

test("text completions have no format", async () => {
  const { post } = await startGateway([echoEngine()]);
  const body = { model: "triage", prompt: "x", response_format: { type: "json_object" } };
  expect((await post("/v1/completions", body)).status).toBe(400);
});
