/** Every error that the gateway documents, as the official client's own classes. */
import { digestOf } from "@millwright/schema";
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { expect, test } from "vitest";
import { errorMeanings } from "../../agent/gateway/api-operations.ts";
import { EngineError } from "../../agent/runner/runner.ts";
import {
  type EchoEngine,
  echoEngine,
  factoryRules,
  servingOf,
  startGateway,
  verifiedPlan,
} from "./gateway-kit.ts";

const messages = [{ role: "user" as const, content: "two words" }];
const key = `mw-crm-${"x".repeat(20)}`;

/** A gateway whose `triage` wants a key that may ask twice a minute; what it fails with first, and then answers. */
async function client(engine = echoEngine(), apiKey = key): Promise<OpenAI> {
  const apiKeys = { crm: { digest: digestOf(key), requestsPerMinute: 2 } };
  const plan = verifiedPlan({
    factories: {
      support: { ...factoryRules, apiKeys },
      discreet: { owner: "team-law", governance: factoryRules.governance },
    },
  });
  const { url } = await startGateway([engine], {
    ...{ serving: servingOf(plan, [engine]), plan: () => plan },
  });
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

type Ask = (client: OpenAI) => Promise<unknown>;
const chat =
  (model: string): Ask =>
  (to) =>
    to.chat.completions.create({ model, messages });
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Ask => {
  return (to) => to.post(path, { body, headers });
};
const broken = {
  ...echoEngine(),
  // biome-ignore lint/correctness/useYield: an engine that fails before it says anything.
  async *generate() {
    throw new EngineError("engine-failed", "The model is broken.");
  },
};
const lost = echoEngine({ diesAfter: 0 });

const rows: readonly [
  status: number,
  kind: { readonly name: string },
  code: string,
  ask: Ask,
  engine?: EchoEngine | undefined,
  apiKey?: string,
][] = [
  [400, BadRequestError, "invalid_value", post("/chat/completions", { model: "triage" })],
  [
    400,
    BadRequestError,
    "unsupported_parameter",
    post("/completions", { model: "triage", prompt: "a", echo: true }),
  ],
  [401, AuthenticationError, "invalid_api_key", chat("triage"), undefined, "stolen"],
  [404, NotFoundError, "model_not_found", chat("gpt-4o")],
  [404, NotFoundError, "unknown_url", post("/images/generations", {})],
  [405, APIError, "method_not_allowed", (to) => to.models.delete("triage")],
  [
    413,
    APIError,
    "payload_too_large",
    post("/embeddings", { model: "triage", input: "x".repeat(4 * 1024 ** 2) }),
  ],
  [
    415,
    APIError,
    "unsupported_content_type",
    post("/embeddings", "a", { "content-type": "text/plain" }),
  ],
  [
    415,
    APIError,
    "unsupported_content_encoding",
    post("/embeddings", {}, { "content-encoding": "gzip" }),
  ],
  [500, InternalServerError, "engine_failed", chat("triage"), broken],
  [503, InternalServerError, "engine_lost", chat("triage"), lost],
  [
    504,
    InternalServerError,
    "deadline_exceeded",
    post("/chat/completions", { model: "triage", messages }, { prefer: "wait=1" }),
    echoEngine({ pauseMs: 60_000 }),
  ],
];

test.each(rows)(
  "a %d is what the client makes of it",
  async (status, kind, code, ask, engine, apiKey) => {
    const error = await ask(await client(engine, apiKey)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code, requestID: expect.any(String) });
    expect(Object.keys(errorMeanings)).toContain(String(status));
    if (status === 503 && error instanceof APIError) {
      expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0);
    }
  },
);

test("429 is a RateLimitError, and its client comes again when it is told to", async () => {
  const asks = await client();
  for (let turn = 0; turn < 2; turn += 1) await chat("triage")(asks);
  const error = await chat("triage")(asks).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
  const wait = error instanceof APIError ? Number(error.headers?.get("retry-after")) : 0;
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
});
