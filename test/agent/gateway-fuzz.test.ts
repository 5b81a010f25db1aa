/** Any body at all, sent to any address: an answer or the documented error, and nothing held afterwards. */
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { isLong } from "../long.ts";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const valid: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "/v1/chat/completions": {
    ...{ model: "triage", messages: [{ role: "user", content: "two words" }], stop: ["x"] },
    ...{ temperature: 0.5, max_tokens: 3, stream_options: { include_usage: true }, stream: true },
    response_format: {
      type: "json_schema",
      json_schema: { name: "a", schema: { type: "string" } },
    },
  },
  "/v1/completions": {
    model: "triage",
    prompt: ["a", "b"],
    seed: 7,
    metadata: { episode_id: "e" },
  },
  "/v1/responses": {
    model: "triage",
    input: [
      { role: "user", content: [{ type: "input_text", text: "a" }] },
      { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "1", output: "b" },
    ],
    ...{ text: { format: { type: "json_object" } }, instructions: "b", metadata: { a: "b" } },
    tools: [{ type: "function", name: "f", strict: true, parameters: { type: "object" } }],
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
  },
  "/v1/embeddings": { model: "triage", input: ["a"], encoding_format: "base64", dimensions: 3 },
  "/v1/rerank": { model: "triage", query: "a", documents: ["a", { text: "b" }], top_n: 1 },
  "/v1/feedback": { id: "chatcmpl-01890a5d-ac96-774b-bcce-b302099a8057", kind: "rating", value: 1 },
};

/** Names and values that mean something to programs. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>("", "__proto__", "constructor", -1, 1e308, 2 ** 53, "\u0000", "\uD800"),
  fc.array(fc.constant("a"), { maxLength: 40 }),
);
const name = fc.oneof(
  fc.constantFrom(..."__proto__ constructor toString n tools logprobs stop store audio".split(" ")),
  fc.string({ maxLength: 12 }),
);

/** A sound body in which one thing, however deep, is something else. */
function nearly(body: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) walk(each, [...path, key]);
  };
  walk(body, []);
  return fc.tuple(fc.constantFrom(...paths), odd).map(([path, value]) => {
    const copy: unknown = structuredClone(body);
    let at = copy as Record<string, unknown>;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
    at[path.at(-1) ?? ""] = value;
    return JSON.stringify(copy);
  });
}

const bodyOf = (body: Readonly<Record<string, unknown>>) =>
  fc.oneof(
    { weight: 6, arbitrary: nearly(body) },
    {
      weight: 3,
      // Written out: an object would take `__proto__` for its prototype.
      arbitrary: fc.tuple(name, odd).map(([key, value]) => {
        return `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`;
      }),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  );

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each(Object.entries(valid))("%s", async (path, body) => {
  const journal: string[] = [];
  const started = await startGateway([echoEngine()], {
    journal: (level, { event }) => void (level === "info" || journal.push(event)),
  });
  const { post, serving, gateway } = started;
  const sound = await post(path, body);
  expect([path, sound.status, await sound.text()]).toEqual([
    ...[path, path === "/v1/feedback" ? 202 : 200, expect.any(String)],
  ]);
  await fc.assert(
    fc.asyncProperty(bodyOf(body), async (bytes) => {
      const response = await post(path, bytes);
      const text = await response.text();
      if (response.ok) return;
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(JSON.parse(text)).toEqual({
        error: {
          message: expect.stringMatching(/^[^\n]{3,1000}\.$/),
          type: "invalid_request_error",
          param: expect.toSatisfy(isParam),
          code: expect.stringMatching(/^[a-z_]+$/),
        },
      });
    }),
    { numRuns: isLong ? 5_000 : 120 },
  );
  expect([serving.out(), gateway.counts().active, journal]).toEqual([0, 0, []]);
});

function isParam(param: unknown): boolean {
  return param === null || (typeof param === "string" && param.length <= 200);
}
