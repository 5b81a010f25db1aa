/** Tools as OpenAI's API has them, asked for by its own client and by hand. */
import { expect, test } from "vitest";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const parameters = {
  type: "object",
  properties: { city: { type: "string", pattern: "^R" }, days: { type: "integer" } },
  required: ["city"],
};
const weather = { type: "function" as const, function: { name: "weather", parameters } };
const mail = { type: "function" as const, function: { name: "mail" } };
const rain = [{ role: "user" as const, content: 'call weather {"city": "Rome"}' }];
const chat = { model: "triage", messages: rain, tools: [weather, mail] };

test("a call is an answer with an id, and its result goes back", async () => {
  const engine = echoEngine();
  const { client, interactions } = await startGateway([engine]);
  const { choices } = await client.chat.completions.create(chat);
  const [choice] = choices;
  expect(choice).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      ...{ role: "assistant", content: null, refusal: null },
      tool_calls: [
        { type: "function", function: { name: "weather", arguments: '{"city": "Rome"}' } },
      ],
    },
  });
  const id = choice?.message.tool_calls?.[0]?.id ?? "";
  expect(id).toMatch(/^call_[0-9a-f]{20}_0_0$/);
  const messages = [
    ...rain,
    ...(choice === undefined ? [] : [choice.message]),
    { role: "tool" as const, tool_call_id: id, content: [{ type: "text" as const, text: "wet" }] },
  ];
  const after = await client.chat.completions.create({ ...chat, messages });
  expect(after.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "wet" } });
  expect(engine.asked.at(-1)?.prompt).toEqual({
    kind: "chat",
    messages: [
      rain[0],
      { role: "assistant", content: "", toolCalls: choice?.message.tool_calls },
      { role: "tool", content: "wet", toolCallId: id },
    ],
  });
  const call = { type: "tool_call", id, name: "weather", arguments: { city: "Rome" } };
  expect(interactions.map(({ body }) => body)).toMatchObject([
    {
      finishReason: "tool_calls",
      output: [{ role: "assistant", parts: [call], finish_reason: "tool_calls" }],
    },
    {
      input: [
        { role: "user" },
        { role: "assistant", parts: [call] },
        { role: "tool", parts: [{ type: "tool_call_response", id, response: "wet" }] },
      ],
    },
  ]);
});

test("a stream has the call's head once, then its arguments in pieces", async () => {
  const { client, post } = await startGateway([echoEngine()]);
  const stream = client.chat.completions.stream({
    ...chat,
    stream_options: { include_usage: true },
  });
  const deltas: unknown[] = [];
  stream.on("chunk", ({ choices }) => {
    const delta = choices[0]?.delta.tool_calls?.[0];
    if (delta !== undefined) deltas.push(delta);
  });
  const { choices } = await stream.finalChatCompletion();
  expect(choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      tool_calls: [
        { type: "function", function: { name: "weather", arguments: '{"city": "Rome"}' } },
      ],
    },
  });
  expect(deltas).toEqual([
    {
      index: 0,
      id: choices[0]?.message.tool_calls?.[0]?.id,
      type: "function",
      function: { name: "weather", arguments: "" },
    },
    { index: 0, function: { arguments: '{"city": ' } },
    { index: 0, function: { arguments: '"Rome"}' } },
  ]);
  const raw = await (await post("/v1/chat/completions", { ...chat, stream: true })).text();
  expect(raw).toContain('"finish_reason":"tool_calls"');
  expect(raw.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("runTools of the official client calls the function and ends with the answer", async () => {
  const { client } = await startGateway([echoEngine()]);
  const asked: unknown[] = [];
  const runner = client.chat.completions.runTools({
    ...{ model: "triage", messages: rain, stream: true },
    tools: [
      {
        type: "function",
        function: {
          name: "weather",
          description: "Looks out.",
          parameters,
          parse: JSON.parse,
          function: (args: object) => {
            asked.push(args);
            return "it rains";
          },
        },
      },
    ],
  });
  expect(await runner.finalContent()).toBe("it rains");
  expect(asked).toEqual([{ city: "Rome" }]);
});

test("what a client may say of tools reaches the engine as the API has it", async () => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const strict = { ...parameters, properties: { city: { type: "string" } } };
  const response = await post("/v1/chat/completions", {
    ...chat,
    tools: [
      weather,
      { type: "function", function: { name: "mail", strict: true, parameters: strict } },
    ],
    tool_choice: "none",
    parallel_tool_calls: false,
    // What LangChain and its like send along.
    ...{
      n: 1,
      user: "u",
      store: false,
      logprobs: null,
      presence_penalty: 0,
      reasoning_effort: "low",
    },
  });
  expect(response.status).toBe(200);
  expect(engine.asked[0]).toMatchObject({
    toolChoice: "none",
    parallelToolCalls: false,
    tools: [
      {
        ...weather,
        // Nobody asked for all of it to be kept: `pattern` is left out, and `days` may be missing.
        held: {
          type: "object",
          properties: { city: { type: "string" }, days: { type: "integer" } },
          additionalProperties: false,
          required: ["city"],
        },
      },
      {
        function: { name: "mail", strict: true, parameters: strict },
        held: { type: "object", properties: { city: { type: "string" } } },
      },
    ],
  });
  const of = (name: string) => ({ type: "function", function: { name } });
  for (const [choice, names, left] of [
    ["auto", ["weather", "mail"], "auto"],
    ["required", ["weather", "mail"], "required"],
    [of("mail"), ["weather", "mail"], of("mail")],
    [
      { type: "allowed_tools", allowed_tools: { mode: "required", tools: [of("mail")] } },
      ["mail"],
      "required",
    ],
  ] as const) {
    await post("/v1/chat/completions", { ...chat, tool_choice: choice });
    const { tools = [], toolChoice } = engine.asked.at(-1) ?? {};
    expect([tools.map((tool) => tool.function.name), toolChoice]).toEqual([names, left]);
  }
});

const called = (change: object) => [
  { role: "user", content: "a" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "" } }],
  },
  { role: "tool", content: "b", tool_call_id: "1" },
  change,
];
const strict = (schema: object) => ({
  tools: [{ type: "function", function: { name: "f", strict: true, parameters: schema } }],
});

test.each<[string, object]>([
  ["tools[0].type", { tools: [{}] }],
  ["tools[0].function", { tools: [{ type: "function" }] }],
  ["tools[0].function.name", { tools: [{ type: "function", function: { name: "a b" } }] }],
  [
    "tools[0].function.parameters",
    { tools: [{ type: "function", function: { name: "f", parameters: [] } }] },
  ],
  ["tools[2].function.name", { tools: [weather, mail, weather] }],
  ["tools", { tools: Array.from({ length: 129 }, () => mail) }],
  [
    "tools[0].function.parameters.properties.n.pattern",
    strict({ type: "object", properties: { n: { type: "string", pattern: "a" } } }),
  ],
  ["tools[0].function.parameters.type", strict({ type: "string" })],
  ["tool_choice", { tool_choice: "always" }],
  ["tool_choice", { tools: undefined, tool_choice: "required" }],
  ["tool_choice.type", { tool_choice: { type: "custom", custom: { name: "x" } } }],
  ["tool_choice.function.name", { tool_choice: { type: "function", function: { name: "other" } } }],
  [
    "tool_choice.allowed_tools.tools",
    {
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ function: { name: "other" } }] },
      },
    },
  ],
  [
    "tool_choice.allowed_tools.mode",
    { tool_choice: { type: "allowed_tools", allowed_tools: { tools: [] } } },
  ],
  ["parallel_tool_calls", { parallel_tool_calls: "no" }],
  ["messages[3].tool_call_id", { messages: called({ role: "tool", content: "x" }) }],
  [
    "messages[3].tool_call_id",
    { messages: called({ role: "tool", content: "x", tool_call_id: "2" }) },
  ],
  [
    "messages[3].tool_calls",
    {
      messages: called({
        role: "user",
        content: "x",
        tool_calls: [{ id: "3", type: "function", function: { name: "f", arguments: "" } }],
      }),
    },
  ],
  [
    "messages[3].tool_calls[0].function",
    { messages: called({ role: "assistant", tool_calls: [{ id: "3", type: "function" }] }) },
  ],
  [
    "messages[3].tool_calls[0].function.arguments",
    {
      messages: called({
        role: "assistant",
        tool_calls: [{ id: "3", type: "function", function: { name: "f", arguments: {} } }],
      }),
    },
  ],
  [
    "messages[3].tool_calls[0].type",
    { messages: called({ role: "assistant", tool_calls: [{ id: "3", type: "custom" }] }) },
  ],
])("what is wrong with tools is refused and named: %s", async (param, change) => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const response = await post("/v1/chat/completions", { ...chat, ...change });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  expect(engine.asked).toEqual([]);
});

test("more schemas than one grammar holds: what is strict is refused, of the rest any object is taken", async () => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const wide = Object.fromEntries(
    Array.from({ length: 400 }, (_, n) => [`p${n}`, { type: "null" }]),
  );
  const many = (strict: boolean) =>
    ["a", "b", "c"].map((name) => ({
      type: "function",
      function: { name, strict, parameters: { type: "object", properties: wide } },
    }));
  const refused = await post("/v1/chat/completions", { ...chat, tools: many(true) });
  expect(await refused.json()).toMatchObject({ error: { param: "tools" } });
  expect((await post("/v1/chat/completions", { ...chat, tools: many(false) })).status).toBe(200);
  const { tools = [] } = engine.asked[0] ?? {};
  expect(tools.map(({ held }) => Object.keys(held["properties"] ?? {}).length)).toEqual([
    400, 400, 0,
  ]);
});

test("broken arguments are told as they are, and kept as the text that they are", async () => {
  const { client, interactions } = await startGateway([echoEngine()]);
  const deep = `${"[".repeat(5_000)}`;
  for (const args of ['{"city": "Ro', deep]) {
    const messages = [{ role: "user" as const, content: `call weather ${args}` }];
    const { choices } = await client.chat.completions.create({ ...chat, messages });
    expect(choices[0]?.message.tool_calls).toMatchObject([{ function: { arguments: args } }]);
    expect(interactions.at(-1)?.body.output[0]?.parts).toMatchObject([{ arguments: args }]);
  }
});
