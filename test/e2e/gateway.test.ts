/** The official client against real models, as a user would call them. */
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../compiler/cli/demo/hub-view.ts";
import { freePort } from "../../compiler/cli/demo/ports.ts";
import { commit, edit } from "../../compiler/cli/demo/repository.ts";
import { type Fleet, startFleet } from "./fleet-kit.ts";

const mail = "Hi team, my parcel 4821 has not arrived. Regards, Ana";
const answer = "Ana: parcel 4821 is late. Team: logistics.";

let fleet: Fleet;
let client: OpenAI;

beforeAll(async () => {
  fleet = await startFleet();
  client = clientOf("fra-1");
}, 90_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

function clientOf(host: string): OpenAI {
  return new OpenAI({ baseURL: `${fleet.gateway(host)}/v1`, apiKey: "none", maxRetries: 0 });
}

test("a route answers a chat", async () => {
  const said = await client.chat.completions.create({
    model: "summarise-mail",
    messages: [{ role: "user", content: mail }],
  });
  expect(said.choices[0]).toMatchObject({
    message: { role: "assistant", content: answer },
    finish_reason: "stop",
  });
  expect(said.usage?.completion_tokens).toBeGreaterThan(5);
});

test("a streamed answer is the whole answer, in pieces", async () => {
  const stream = await client.chat.completions.create({
    model: "triage",
    messages: [{ role: "user", content: mail }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let pieces = 0;
  let tokens = 0;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    pieces += 1;
    tokens = chunk.usage?.total_tokens ?? tokens;
  }
  expect(text).toBe(answer);
  expect(pieces).toBeGreaterThan(2);
  expect(tokens).toBeGreaterThan(10);
});

test("each factory answers on the host where its data may be", async () => {
  const sql = await clientOf("zrh-1").chat.completions.create({
    model: "ask-the-shop",
    messages: [{ role: "user", content: "How many orders from Paris that are open?" }],
  });
  expect(sql.choices[0]?.message.content).toBe(
    "SELECT count(*) FROM orders WHERE city = 'Paris' AND status = 'open';",
  );
  await expect(
    clientOf("zrh-1").chat.completions.create({
      model: "summarise-mail",
      messages: [{ role: "user", content: mail }],
    }),
  ).rejects.toMatchObject({ status: 404, code: "model_not_found" });
});

test("models lists deployments and routes", async () => {
  const names: string[] = [];
  for await (const { id } of client.models.list()) names.push(id);
  expect(names.sort()).toEqual(["summarise-mail", "triage"]);
});

test("a text is continued, and embedded as vectors of length one", async () => {
  const continued = await client.completions.create({
    model: "triage",
    prompt: `<|im_start|>user\n${mail}`,
    max_tokens: 4,
  });
  expect(continued.choices[0]?.finish_reason).toMatch(/length|stop/);
  const { data } = await client.embeddings.create({ model: "triage", input: [mail, "Hello"] });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([128, 128]);
  for (const { embedding } of data) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
});

test("what cannot be done is said in the API's own form", async () => {
  const ask = (extra: object) =>
    client.chat.completions.create({
      model: "triage",
      messages: [{ role: "user", content: mail }],
      ...extra,
    });
  await expect(ask({ model: "gpt-9" })).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
  });
  await expect(ask({ n: 9 })).rejects.toMatchObject({ status: 400, param: "n" });
  await expect(
    ask({ messages: [{ role: "user", content: "word ".repeat(4_000) }] }),
  ).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
  const rubbish = await fetch(`${fleet.gateway("fra-1")}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{ no json",
  });
  expect(rubbish.status).toBe(400);
  expect(await rubbish.json()).toMatchObject({
    error: { type: "invalid_request_error", message: expect.any(String) },
  });
});

test("thirty-two requests at the same time are all answered rightly", async () => {
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, index) =>
      client.chat.completions.create({
        model: "summarise-mail",
        messages: [{ role: "user", content: mail.replace("4821", String(1000 + index)) }],
      }),
    ),
  );
  expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual(
    Array.from({ length: 32 }, (_, index) => answer.replace("4821", String(1000 + index))),
  );
});

test("a host answers what another one runs, and passes on no data that may not come to it", async () => {
  const root = fleet.story.repository;
  const reached = async (file: string, host: string, factory: string) => {
    const listen = `listen: "${new URL(fleet.gateway(host)).host}"`;
    const address = `address: "127.0.0.1:${await freePort(0)}"`;
    await edit(root, file, listen, `${listen}, ${address}, factories: ["${factory}"]`);
  };
  await reached("hosts/frankfurt.ts", "fra-1", "reporting");
  await reached("hosts/zurich.ts", "zrh-1", "support");
  await commit(root, "hosts that answer for each other");
  const { code, err } = await fleet.millwright("release", "--keys", fleet.story.keys);
  expect([code, err.includes("error")]).toEqual([0, false]);
  const names = async (host: string) => {
    const { data } = await clientOf(host).models.list();
    return data.map(({ id }) => id);
  };
  const forever = new AbortController().signal;
  const said = await until("fra-1 answers what zrh-1 runs", 30_000, forever, async () => {
    if (!(await names("fra-1")).includes("sql")) return undefined;
    return client.chat.completions
      .create({
        model: "sql",
        messages: [{ role: "user", content: "How many orders from Paris that are open?" }],
      })
      .catch(() => undefined);
  });
  expect(said.choices[0]?.message.content).toContain("WHERE city = 'Paris'");
  expect(said).toMatchObject({ x_millwright: { host: "zrh-1" } });
  // The mail of customers stays in the EU: Zurich was told to pass it on, and does not even know the name.
  expect(await names("zrh-1")).not.toContain("triage");
}, 90_000);
