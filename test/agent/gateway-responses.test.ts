/** OpenAI's Responses API, as its official client speaks it. */
import type {
  Response as ModelResponse,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import { expect, test } from "vitest";
import { echoEngine, eventually, startGateway } from "./gateway-kit.ts";

const ask = { model: "summarise-mail", input: "two small words" };

test("the official client gets a response that repeats what was asked, and says who made it", async () => {
  const { client, plan, interactions, serving } = await startGateway([echoEngine()]);
  const { data, response } = await client.responses
    .create({ ...ask, instructions: "Be brief.", metadata: { episode_id: "seven", team: "care" } })
    .withResponse();
  const id = String(response.headers.get("x-request-id"));
  expect(data).toMatchObject({
    ...{ id: `resp_${id}`, object: "response", status: "completed", model: "summarise-mail" },
    ...{ error: null, incomplete_details: null, store: false, temperature: 0, tools: [] },
    instructions: "Be brief.",
    metadata: { episode_id: "seven", team: "care" },
    text: { format: { type: "text" } },
    output: [
      {
        ...{ id: `msg_${id}`, type: "message", role: "assistant", status: "completed" },
        content: [{ type: "output_text", text: "two small words", annotations: [] }],
      },
    ],
    usage: {
      ...{ input_tokens: 3, output_tokens: 3, total_tokens: 6 },
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
    x_millwright: { deployment: "triage", plan: plan.digest },
  });
  expect(data.output_text).toBe("two small words");
  expect(response.headers.get("x-millwright-deployment")).toBe("triage");
  expect(interactions).toMatchObject([
    {
      id,
      episodeId: "seven",
      body: {
        input: [
          { role: "system", parts: [{ content: "Be brief." }] },
          { role: "user", parts: [{ content: "two small words" }] },
        ],
      },
    },
  ]);
  expect(serving.out()).toBe(0);
});

test("input is a text, messages, or the output of an earlier answer; settings reach the engine", async () => {
  const engine = echoEngine();
  const { client } = await startGateway([engine]);
  const first = await client.responses.create(ask);
  await client.responses.create({
    model: "triage",
    input: [
      { role: "developer", content: "be brief" },
      { role: "user", content: [{ type: "input_text", text: "one " }] },
      ...first.output.filter((item) => item.type === "message"),
      { type: "message", role: "user", content: [{ type: "input_text", text: "and now?" }] },
    ],
    ...{ max_output_tokens: 5, temperature: 0.5, top_p: 0.9, store: false },
  });
  expect(engine.asked[1]).toEqual({
    prompt: {
      kind: "chat",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "one " },
        { role: "assistant", content: "two small words" },
        { role: "user", content: "and now?" },
      ],
    },
    ...{ maxTokens: 5, temperature: 0.5, topP: 0.9 },
  });
});

test("a stream tells what happens in the documented order, numbered, under its name", async () => {
  const { client, post, serving } = await startGateway([echoEngine()]);
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ ...ask, stream: true }))
    events.push(event);
  expect(events.map(({ type }) => type)).toEqual([
    ...["response.created", "response.in_progress"],
    ...["response.output_item.added", "response.content_part.added"],
    ...Array.from({ length: 3 }, () => "response.output_text.delta"),
    ...["response.output_text.done", "response.content_part.done", "response.output_item.done"],
    "response.completed",
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
  expect(events[0]).toMatchObject({
    response: { status: "in_progress", output: [], usage: null, x_millwright: { revision: 7 } },
  });
  expect(events.at(-4)).toMatchObject({ text: "two small words" });
  const raw = await post("/v1/responses", { ...ask, stream: true });
  expect(raw.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const text = await raw.text();
  expect(text).toMatch(/^event: response\.created\ndata: \{"type":"response\.created",/);
  expect(text).not.toContain("[DONE]");
  expect(serving.out()).toBe(0);
});

test("the client's own gathering of a stream gives what a whole answer gives", async () => {
  const { client } = await startGateway([echoEngine()]);
  const gathered = await client.responses.stream(ask).finalResponse();
  const whole = await client.responses.create(ask);
  const steady = ({ output, ...rest }: ModelResponse) => ({
    ...rest,
    ...{ id: "", created_at: 0 },
    output: output.map((item) => ({ ...item, id: "" })),
  });
  expect(steady(gathered)).toMatchObject(steady(whole));
});

test("an answer that its limit cut short is incomplete, whole and streamed", async () => {
  const { client } = await startGateway([echoEngine()]);
  const cut = { ...ask, max_output_tokens: 2 };
  const incomplete = {
    ...{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    output: [{ status: "incomplete", content: [{ text: "two small " }] }],
  };
  expect(await client.responses.create(cut)).toMatchObject(incomplete);
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ ...cut, stream: true }))
    events.push(event);
  expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: incomplete });
});

test("an engine that is lost in the middle of a stream ends it with what was there", async () => {
  const { client, serving, gateway } = await startGateway([echoEngine({ diesAfter: 1 })]);
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ ...ask, stream: true }))
    events.push(event);
  expect(events.at(-1)).toMatchObject({
    type: "response.failed",
    response: {
      ...{
        status: "failed",
        error: { code: "server_error", message: expect.stringContaining("process") },
      },
      output: [{ status: "incomplete", content: [{ text: "two " }] }],
    },
  });
  expect(serving.out()).toBe(0);
  expect(gateway.counts()).toMatchObject({ active: 0 });
});

test("an answer is held to a schema, which the format names flat", async () => {
  const engine = echoEngine();
  const { client, post } = await startGateway([engine]);
  const schema = {
    ...{ type: "object", additionalProperties: false, required: ["team"] },
    properties: { team: { enum: ["sales", "logistics"] } },
  };
  const format = { type: "json_schema" as const, name: "mail", strict: true, schema };
  const answer = await client.responses.create({ ...ask, text: { format } });
  expect(answer.text?.format).toEqual(format);
  expect(engine.asked[0]?.schema).toMatchObject({ type: "object" });
  const wrong = await post("/v1/responses", {
    ...ask,
    text: { format: { ...format, schema: { type: "string", pattern: "a" } } },
  });
  const { error } = (await wrong.json()) as { error: { param: string; message: string } };
  expect([wrong.status, error.param]).toEqual([400, "text.format.schema.pattern"]);
  const odd = await post("/v1/responses", { ...ask, text: { format: { type: "xml" } } });
  expect(await odd.json()).toMatchObject({ error: { param: "text.format.type" } });
});

test.each([
  ["store", { store: true }],
  ["background", { background: true }],
  ["previous_response_id", { previous_response_id: "resp_1" }],
  ["conversation", { conversation: "conv_1" }],
  ["prompt", { prompt: { id: "p" } }],
  ["tools[0].type", { tools: [{ type: "web_search" }] }],
  ["tools[0].type", { tools: [{ type: "file_search", vector_store_ids: ["v"] }] }],
  ["include", { include: ["reasoning.encrypted_content"] }],
  ["reasoning", { reasoning: { effort: "high" } }],
  ["truncation", { truncation: "auto" }],
  ["max_tokens", { max_tokens: 3 }],
  ["response_format", { response_format: { type: "json_object" } }],
  ["input[0].type", { input: [{ type: "reasoning", id: "rs_1", summary: [] }] }],
  ["seed", { seed: 7 }],
  ["input[0].type", { input: [{ type: "item_reference", id: "msg_1" }] }],
  [
    "input[0].content[0].type",
    { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] },
  ],
])("what would change the meaning is refused by its name: %s", async (param, change) => {
  const engine = echoEngine();
  const { post } = await startGateway([engine]);
  const response = await post("/v1/responses", { ...ask, ...change });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, code: "unsupported_parameter" } });
  expect(engine.asked).toEqual([]);
});

test.each([
  ["input", { input: undefined }],
  ["input", { input: [] }],
  ["input[0].role", { input: [{ content: "a" }] }],
  ["input[0].role", { input: [{ role: "boss", content: "a" }] }],
  ["max_output_tokens", { max_output_tokens: 0 }],
  ["text", { text: "json" }],
  ["metadata", { metadata: "episode" }],
])("a wrong field is named: %s", async (param, change) => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/responses", { ...ask, ...change });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, code: "invalid_value" } });
});

test("what changes nothing is taken, and null is as good as absent", async () => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/responses", {
    ...ask,
    ...{ tools: [], tool_choice: "auto", include: [], reasoning: { effort: null }, user: "ana" },
    ...{ truncation: "disabled", text: null, instructions: null, store: null, metadata: null },
    ...{ service_tier: "auto", parallel_tool_calls: true, previous_response_id: null },
  });
  expect(response.status).toBe(200);
});

test("a client that leaves stops the engine, and nothing is held", async () => {
  const engine = echoEngine({ pauseMs: 20 });
  const { client, serving, gateway, interactions } = await startGateway([engine]);
  const stream = await client.responses.create({
    ...{ model: "triage", input: "word ".repeat(900), stream: true as const },
  });
  for await (const { type } of stream) if (type === "response.output_text.delta") break;
  await eventually("the engine stops", () => engine.cancelled() === 1);
  await eventually("the hold is given back", () => serving.out() === 0);
  await eventually("it is over", () => gateway.counts().active === 0);
  expect(interactions).toEqual([]);
});

test("an opinion of a response finds its interaction", async () => {
  const { client, post, opinions } = await startGateway([echoEngine()]);
  const { id } = await client.responses.create(ask);
  const said = await post("/v1/feedback", { id, kind: "comment", text: "good" });
  expect(said.status).toBe(202);
  expect(opinions.map(({ interactionId }) => `resp_${interactionId}`)).toEqual([id]);
});
