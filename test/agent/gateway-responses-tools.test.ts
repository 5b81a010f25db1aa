/** Functions that the Responses API calls, as the official client speaks of them. */
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { expect, test } from "vitest";
import type { GenerateEvent } from "../../agent/runner/runner.ts";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const weather = {
  ...{ type: "function" as const, name: "weather", description: "Of a city.", strict: true },
  parameters: {
    ...{ type: "object", required: ["city"], additionalProperties: false },
    properties: { city: { type: "string" } },
  },
};
const ask = { model: "summarise-mail", input: "two small words" };

test("a function is called, its output goes back, whole and streamed", async () => {
  const engine = echoEngine();
  const { client, post, interactions } = await startGateway([engine]);
  const input = 'call weather {"city": "Zürich"}';
  const asked = { model: "triage", input, tools: [weather], tool_choice: "auto" as const };
  const first = await client.responses.create(asked);
  const call = {
    ...{ type: "function_call", status: "completed", name: "weather" },
    ...{ call_id: expect.stringMatching(/^call_/), arguments: '{"city": "Zürich"}' },
  };
  expect(first).toMatchObject({ status: "completed", output: [call], tools: [weather] });
  expect(engine.asked[0]?.tools).toMatchObject([{ function: { name: "weather", strict: true } }]);
  const [done] = first.output;
  if (done?.type !== "function_call") throw new Error("it did not call");
  await client.responses.create({
    ...asked,
    input: [
      { role: "user", content: input },
      done,
      { type: "function_call_output", call_id: done.call_id, output: "sunny" },
    ],
  });
  expect(engine.asked[1]?.prompt).toMatchObject({
    messages: [
      { role: "user" },
      { role: "assistant", toolCalls: [{ id: done.call_id, function: { name: "weather" } }] },
      { role: "tool", content: "sunny", toolCallId: done.call_id },
    ],
  });
  expect(interactions[1]?.body.input.at(-1)?.parts[0]).toMatchObject({
    ...{ type: "tool_call_response", id: done.call_id, response: "sunny" },
  });
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ ...asked, stream: true }))
    events.push(event);
  expect(events.map(({ type }) => type)).toEqual([
    ...["response.created", "response.in_progress", "response.output_item.added"],
    ...["response.function_call_arguments.delta", "response.function_call_arguments.delta"],
    ...["response.function_call_arguments.done", "response.output_item.done"],
    "response.completed",
  ]);
  expect(events.at(-1)).toMatchObject({ response: { output: [call] } });
  const gathered = await client.responses.stream(asked).finalResponse();
  expect(gathered.output).toMatchObject([call]);
  const chosen = { type: "function", name: "weather" };
  for (const tool_choice of [
    "required",
    chosen,
    { type: "allowed_tools", mode: "required", tools: [chosen] },
  ])
    expect((await post("/v1/responses", { ...asked, tool_choice })).status).toBe(200);
  expect(engine.asked.slice(-3).map(({ toolChoice }) => toolChoice)).toEqual([
    ...["required", { type: "function", function: { name: "weather" } }, "required"],
  ]);
});

test("text and several calls are items in their order, each with its place", async () => {
  const engine = {
    ...echoEngine(),
    async *generate(): AsyncGenerator<GenerateEvent> {
      yield { kind: "text", text: "Let me see." };
      yield { kind: "tool-call", call: 0, name: "weather", arguments: "{}" };
      yield { kind: "tool-call", call: 1, name: "weather", arguments: "" };
      // Some engines write several calls at once.
      yield { kind: "tool-call", call: 0, arguments: " " };
      yield { kind: "tool-call", call: 1, arguments: "[]" };
      yield { kind: "done", finishReason: "stop", usage: { inputTokens: 1, outputTokens: 9 } };
    },
  };
  const { client } = await startGateway([engine]);
  const items = [
    { type: "message", content: [{ text: "Let me see." }] },
    { type: "function_call", arguments: "{} " },
    { type: "function_call", arguments: "[]" },
  ];
  const whole = await client.responses.create({ ...ask, tools: [weather] });
  expect(whole.output).toMatchObject(items);
  expect(new Set(whole.output.map((item) => ("id" in item ? item.id : ""))).size).toBe(3);
  const gathered = await client.responses.stream({ ...ask, tools: [weather] }).finalResponse();
  expect(gathered.output).toMatchObject(items);
});

test.each([
  ["tool_choice", { tool_choice: "required" }],
  ["tools[0].name", { tools: [{ type: "function" }] }],
  ["tools[1].name", { tools: [weather, weather] }],
  ["tools[0].parameters.type", { tools: [{ ...weather, parameters: { type: "string" } }] }],
  ["tool_choice.name", { tools: [weather], tool_choice: { type: "function", name: "other" } }],
  [
    "tool_choice.tools",
    { tools: [weather], tool_choice: { type: "allowed_tools", mode: "auto", tools: [] } },
  ],
  ["input[0].call_id", { input: [{ type: "function_call", name: "f", arguments: "{}" }] }],
  ["input[0].call_id", { input: [{ type: "function_call_output", call_id: "1", output: "x" }] }],
])("a wrong field is named as it stands here: %s", async (param, change) => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/responses", { ...ask, ...change });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { param: string; message: string } };
  expect(error).toMatchObject({ param, code: "invalid_value" });
  expect(error.message).not.toMatch(/\.function|allowed_tools/);
});
