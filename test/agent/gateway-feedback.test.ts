import { expect, test } from "vitest";
import type { OpinionTaken } from "../../agent/gateway/gateway.ts";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const uuid = "01a2070c-901d-7af5-af2c-52a2b8753b51";
const id = `chatcmpl-${uuid}`;
const text = (content: string) => [{ role: "assistant", parts: [{ type: "text", content }] }];

test.each([
  [{ kind: "correction", output: "better" }, { output: text("better") }],
  [
    { kind: "correction", output: [{ role: "assistant", content: "better" }] },
    { output: text("better") },
  ],
  [
    { kind: "rating", value: true },
    { metric: "rating", value: true },
  ],
  [
    { kind: "rating", value: 4, metric: "tone", min: 1, max: 5, optimize: "max" },
    { metric: "tone", value: 4, min: 1, max: 5, optimize: "max" },
  ],
  [{ kind: "comment", text: "too long" }, { text: "too long" }],
  [
    { kind: "preference", chosen: "a", rejected: "b" },
    { chosen: text("a"), rejected: text("b") },
  ],
  [
    { kind: "implicit", signal: "copied", dwell_ms: 1_200 },
    { signal: "copied", dwellMs: 1_200 },
  ],
])("what somebody says of an answer is handed on: %j", async (said, body) => {
  const { post, opinions } = await startGateway([echoEngine()], { taken: { ok: true, id: uuid } });
  const response = await post("/v1/feedback", { id, ...said });
  expect([response.status, await response.json()]).toEqual([202, { id: uuid }]);
  expect(opinions).toEqual([
    { interactionId: uuid, role: "user", said: { kind: said.kind, body } },
  ]);
});

test("who says it, and of which model, is handed on as the plan knows it", async () => {
  const { post, opinions, plan } = await startGateway([echoEngine()]);
  const response = await post("/v1/feedback", {
    ...{ id: uuid, kind: "comment", text: "x", role: "reviewer", model: "summarise-mail" },
  });
  expect(response.status).toBe(202);
  expect(opinions[0]).toMatchObject({
    role: "reviewer",
    origin: {
      ...{ task: "summarise-mail", deployment: "triage" },
      planned: { factory: "support" },
      plan: { digest: plan.digest },
    },
  });
});

test.each([
  ["id", { id: "chatcmpl-1", kind: "comment", text: "x" }],
  ["id", { kind: "comment", text: "x" }],
  ["kind", { id, kind: "praise" }],
  ["value", { id, kind: "rating" }],
  ["output", { id, kind: "correction" }],
  ["rejected", { id, kind: "preference", chosen: "a" }],
  ["text", { id, kind: "rating", value: 1, text: "x" }],
  ["text", { id, kind: "comment", text: "x".repeat(8_193) }],
  ["outptu", { id, kind: "correction", outptu: "x" }],
  ["signal", { id, kind: "implicit", signal: "smiled" }],
  ["output[0].content", { id, kind: "correction", output: [{ role: "user", content: 1 }] }],
])("feedback that says nothing is refused, and the field is named: %s", async (param, body) => {
  const { post, opinions } = await startGateway([echoEngine()]);
  const response = await post("/v1/feedback", body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, code: "invalid_value" } });
  expect(opinions).toEqual([]);
});

test.each<[OpinionTaken & { readonly ok: false }, number, string]>([
  [{ ok: false, why: "unknown-interaction" }, 404, "interaction_not_found"],
  [{ ok: false, why: "keeps-none", factory: "discreet" }, 403, "feedback_off"],
  [{ ok: false, why: "too-large" }, 413, "feedback_too_large"],
  [{ ok: false, why: "cannot-keep" }, 503, "feedback_not_kept"],
])("feedback that cannot be kept gets its error: %j", async (taken, status, code) => {
  const { post } = await startGateway([echoEngine()], { taken });
  const response = await post("/v1/feedback", { id, kind: "comment", text: "x" });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
});

test("feedback for a model that the plan does not know is a 404", async () => {
  const { post } = await startGateway([echoEngine()]);
  for (const model of ["gpt-4o", "constructor"]) {
    const response = await post("/v1/feedback", { id, kind: "comment", text: "x", model });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "model_not_found" } });
  }
});
