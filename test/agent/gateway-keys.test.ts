/** Keys of callers: what they open, and how much. */
import { digestOf, type PlannedApiKey } from "@millwright/schema";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { echoEngine, factoryRules, servingOf, startGateway, verifiedPlan } from "./gateway-kit.ts";

const messages = [{ role: "user", content: "two words" }];
const key = (name: string) => `mw-${name}-${"x".repeat(20)}`;
const bearer = (name: string) => ({ authorization: `Bearer ${key(name)}` });

type Keys = Readonly<Record<string, Omit<PlannedApiKey, "digest">>>;

/** The plan of the kit, whose factory `support` has these keys; `discreet` has none. */
function planWith(keys: Keys): VerifiedPlan {
  const apiKeys = Object.fromEntries(
    Object.entries(keys).map(([name, rest]) => [name, { digest: digestOf(key(name)), ...rest }]),
  );
  return verifiedPlan({
    factories: {
      support: { ...factoryRules, apiKeys },
      discreet: { owner: "team-law", governance: factoryRules.governance },
    },
  });
}

async function gatewayWith(keys: Keys, clock = systemClock) {
  let plan = planWith(keys);
  const made = await startGateway([echoEngine()], {
    ...{ clock, serving: servingOf(plan, [echoEngine()]), plan: () => plan },
  });
  const chat = async (name: string | undefined, model = "triage") => {
    const headers = name === undefined ? {} : bearer(name);
    const response = await made.post("/v1/chat/completions", { model, messages }, headers);
    const body = (await response.json()) as { error?: { code: string; message: string } };
    return { response, status: response.status, ...body.error };
  };
  const take = (next: Keys) => {
    plan = planWith(next);
  };
  return { ...made, chat, take };
}

test("where a factory has keys, nobody is answered without one, and whoever has one is", async () => {
  const { chat, client } = await gatewayWith({ crm: {} });
  const without = await chat(undefined);
  expect(without).toMatchObject({ status: 401, code: "invalid_api_key" });
  expect(without.response.headers.get("www-authenticate")).toBe("Bearer");
  expect(await chat("stolen")).toMatchObject({ status: 401, code: "invalid_api_key" });
  expect(await chat("crm")).toMatchObject({ status: 200 });
  const official = client.withOptions({ apiKey: key("crm") });
  const answer = await official.chat.completions.create({
    model: "summarise-mail",
    messages: [{ role: "user", content: "two words" }],
  });
  expect(answer.choices[0]?.message.content).toBe("two words");
});

test.each([
  ["Bearer", 401],
  ["Basic bXc6eA==", 401],
  [`Bearer ${"x".repeat(9_000)}`, 401],
  [`Bearer ${digestOf(key("crm"))}`, 401],
  [`bearer ${key("crm")}`, 200],
])("as the authorization %.20s …: %i", async (authorization, status) => {
  const { post } = await gatewayWith({ crm: {} });
  const response = await post("/v1/embeddings", { model: "triage", input: "x" }, { authorization });
  expect(response.status).toBe(status);
});

test("a key opens what it says of its own factory; another model does not exist for it, not even in the list", async () => {
  const { chat, client } = await gatewayWith({ crm: { models: ["summarise-mail"] }, all: {} });
  expect(await chat("crm", "summarise-mail")).toMatchObject({ status: 200 });
  expect(await chat("crm", "triage")).toMatchObject({
    ...{ status: 404, code: "model_not_found" },
    message: expect.stringMatching(/It serves: summarise-mail\.$/),
  });
  const listed = async (apiKey: string) => {
    const { data } = await client.withOptions({ apiKey }).models.list();
    return data.map(({ id }) => id).toSorted();
  };
  // `silent` is of a factory that has no keys.
  expect(await listed(key("crm"))).toEqual(["silent", "summarise-mail"]);
  expect(await listed(key("all"))).toEqual(["silent", "summarise-mail", "triage"]);
  expect(await listed("none")).toEqual(["silent"]);
  expect(await chat(undefined, "silent")).toMatchObject({ status: 200 });
});

test("a key that the next plan does not have opens nothing from then on", async () => {
  const { chat, take } = await gatewayWith({ crm: {}, shop: {} });
  expect(await chat("crm")).toMatchObject({ status: 200 });
  take({ shop: {} });
  expect(await chat("crm")).toMatchObject({ status: 401 });
  expect(await chat("shop")).toMatchObject({ status: 200 });
});

test("requests of a minute: as many as the key allows, then when to come again; others go on", async () => {
  let now = Date.parse("2026-11-24T12:00:00Z");
  const clock = { ...systemClock, now: () => now };
  const { chat } = await gatewayWith({ crm: { requestsPerMinute: 3 }, shop: {} }, clock);
  const asked = [await chat("crm"), await chat("crm"), await chat("crm"), await chat("crm")];
  expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(asked[0]?.response.headers.get("x-ratelimit-limit-requests")).toBe("3");
  expect(asked[2]?.response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(asked[3]).toMatchObject({ code: "rate_limit_exceeded" });
  expect(asked[3]?.response.headers.get("retry-after")).toBe("20");
  expect(await chat("shop")).toMatchObject({ status: 200 });
  now += 20_000;
  expect(await chat("crm")).toMatchObject({ status: 200 });
  expect(await chat("crm")).toMatchObject({ status: 429 });
  // A clock that is set back neither gives nor takes.
  now -= 3_600_000;
  expect(await chat("crm")).toMatchObject({ status: 429 });
});

test("tokens of a day: the answer that goes over is given, the next one the day after", async () => {
  let now = Date.parse("2026-11-24T23:59:00Z");
  const clock = { ...systemClock, now: () => now };
  const { chat } = await gatewayWith({ crm: { tokensPerDay: 6 } }, clock);
  const first = await chat("crm");
  expect(first.response.headers.get("x-ratelimit-remaining-tokens")).toBe("2");
  expect(await chat("crm")).toMatchObject({ status: 200 });
  const third = await chat("crm");
  expect(third).toMatchObject({ status: 429, code: "insufficient_quota" });
  expect(third.response.headers.get("retry-after")).toBe("60");
  now += 60_000;
  expect(await chat("crm")).toMatchObject({ status: 200 });
});

test("an opinion needs the key of the model that it names", async () => {
  const { post, opinions } = await gatewayWith({ crm: {} });
  const body = {
    id: "chatcmpl-01a2070c-901d-7af5-af2c-52a2b8753b51",
    kind: "comment",
    text: "Too short.",
    model: "triage",
  };
  expect((await post("/v1/feedback", body)).status).toBe(401);
  expect(opinions).toEqual([]);
  expect((await post("/v1/feedback", body, bearer("crm"))).status).toBe(202);
});

test("what each key used is counted, by model and deployment", async () => {
  const { chat, gateway } = await gatewayWith({ crm: {}, shop: {} });
  await chat("crm", "summarise-mail");
  await chat("crm", "summarise-mail");
  await chat("shop");
  await chat("stolen");
  await chat(undefined, "silent");
  const used = { deployment: "triage", requests: 1, inputTokens: 2, outputTokens: 2 };
  expect(gateway.usage()).toEqual([
    {
      ...used,
      caller: "support/crm",
      model: "summarise-mail",
      requests: 2,
      inputTokens: 4,
      outputTokens: 4,
    },
    { ...used, caller: "support/shop", model: "triage" },
    { ...used, caller: "", model: "silent", deployment: "silent" },
  ]);
});
