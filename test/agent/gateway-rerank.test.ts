/** Documents by how well they answer, as the clients of Jina, Cohere, vLLM and llama-server ask for them. */
import { expect, test } from "vitest";
import { echoEngine, startGateway } from "./gateway-kit.ts";
import { rankingModel } from "./runner-encoders-kit.ts";
import { artifact, line, mail, runner } from "./runner-kit.ts";

const ask = {
  model: "triage",
  query: "late parcel of Ana",
  documents: ["an invoice", { text: "the parcel of Ana" }, "late parcel", "parcel late"],
};

test.each(["/v1/rerank", "/v2/rerank", "/rerank"])(
  "%s gives the best first, and equal ones as they came",
  async (path) => {
    const { post, gateway, serving, interactions } = await startGateway([echoEngine()]);
    const response = await post(path, ask);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-millwright-deployment")).toBe("triage");
    expect(await response.json()).toEqual({
      id: `rerank-${response.headers.get("x-request-id")}`,
      object: "list",
      model: "triage",
      results: [
        { index: 1, relevance_score: 0.375 },
        { index: 2, relevance_score: 0.25 },
        { index: 3, relevance_score: 0.25 },
        { index: 0, relevance_score: 0 },
      ],
      usage: { prompt_tokens: 26, total_tokens: 26 },
      x_millwright: expect.objectContaining({ deployment: "triage", model: "mail-triage" }),
    });
    expect(gateway.counts()).toMatchObject({ requests: 1, active: 0, inputTokens: 26 });
    expect(gateway.timings().map(({ operation }) => operation)).toEqual(["rerank"]);
    expect([serving.out(), interactions.length]).toEqual([0, 0]);
  },
);

test("as many as were asked for, with their texts where those were asked for", async () => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/rerank", { ...ask, top_n: 2, return_documents: true });
  expect(await response.json()).toMatchObject({
    results: [
      { index: 1, document: { text: "the parcel of Ana" } },
      { index: 2, document: { text: "late parcel" } },
    ],
  });
  const more = await post("/v1/rerank", { ...ask, top_n: 9, return_documents: null });
  expect(((await more.json()) as { results: object[] }).results).toHaveLength(4);
});

test.each([
  ["query", { query: "" }],
  ["query", { query: undefined }],
  ["documents", { documents: [] }],
  ["documents[1]", { documents: ["a", { title: "b" }] }],
  ["documents[0]", { documents: [7] }],
  ["top_n", { top_n: 0 }],
  ["documents", { documents: Array.from({ length: 1001 }, () => "a") }],
])("a wrong field is named: %s", async (param, change) => {
  const { post } = await startGateway([echoEngine()]);
  const response = await post("/v1/rerank", { ...ask, ...change });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, code: "invalid_value" } });
});

test("an engine that scores too few is not believed, one that is lost is followed by another", async () => {
  const forgetful = {
    ...echoEngine(),
    rerank: async () => ({ scores: [1], inputTokens: 1 }),
  };
  const { post } = await startGateway([forgetful]);
  const failed = await post("/v1/rerank", ask);
  expect([failed.status, await failed.json()]).toEqual([
    500,
    { error: expect.objectContaining({ code: "engine_failed" }) },
  ]);
  const two = await startGateway([echoEngine({ diesAfter: 0 }), echoEngine()]);
  expect((await two.post("/v1/rerank", ask)).status).toBe(200);
  expect(two.serving.out()).toBe(0);
});

test("dimensions are taken where they are the model's own", async () => {
  const { client, serving } = await startGateway([echoEngine()]);
  const answer = await client.embeddings.create({ model: "triage", input: "four", dimensions: 3 });
  expect(answer.data[0]?.embedding).toEqual([4, 2, -0.25]);
  await expect(
    client.embeddings.create({ model: "triage", input: "four", dimensions: 2 }),
  ).rejects.toMatchObject({
    ...{ status: 400, code: "unsupported_parameter", param: "dimensions" },
    message: expect.stringContaining("3 dimensions"),
  });
  expect(serving.out()).toBe(0);
});

test("numbers of tokens are no input: they mean something else to every model", async () => {
  const { post } = await startGateway([echoEngine()]);
  for (const input of [[1, 2, 3], [[1, 2, 3]], 7, ""]) {
    const response = await post("/v1/embeddings", { model: "triage", input });
    expect([input, response.status]).toEqual([input, 400]);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_value" } });
  }
});

test("a real ranking model ranks, and is asked for nothing else", async () => {
  const { engine } = await runner({ model: artifact(await rankingModel()), context: 256 });
  const { post, client, serving } = await startGateway([engine]);
  const response = await post("/v1/rerank", {
    model: "triage",
    query: "where is my parcel?",
    documents: ["my invoice is paid twice", "the weather is fine", "the parcel is late"],
  });
  const { results } = (await response.json()) as { results: { index: number }[] };
  expect(results.map(({ index }) => index)).toEqual([2, 0, 1]);
  const unsupported = { status: 400, code: "unsupported_by_model" };
  await expect(client.responses.create({ model: "triage", input: mail })).rejects.toMatchObject(
    unsupported,
  );
  await expect(client.embeddings.create({ model: "triage", input: mail })).rejects.toMatchObject(
    unsupported,
  );
  const writer = await startGateway([(await runner()).engine]);
  expect(await (await writer.post("/v1/rerank", ask)).json()).toMatchObject({
    error: { code: "unsupported_by_model", message: expect.stringContaining("does not rank") },
  });
  const answer = await writer.client.responses.create({ model: "triage", input: mail });
  expect([answer.output_text, answer.usage?.input_tokens]).toEqual([line, 31]);
  const streamed = await writer.client.responses
    .stream({ model: "triage", input: mail })
    .finalResponse();
  expect(streamed.output_text).toBe(line);
  expect([serving.out(), writer.serving.out()]).toEqual([0, 0]);
});
