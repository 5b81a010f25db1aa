/** How sure a model is, by the real engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, GenerateRequest } from "../../agent/runner/runner.ts";
import { mail, never, openHost, specOf } from "./runner-kit.ts";

let end: () => Promise<void>;
let engine: Engine;

beforeAll(async () => {
  const opened = await openHost();
  end = opened.end;
  ({ engine } = await opened.host.start(specOf({ context: 1_024, parallel: 2 }), never));
}, 60_000);
afterAll(async () => end());

async function said(request: Omit<GenerateRequest, "prompt">, content = mail) {
  let text = "";
  const prompt = { kind: "chat", messages: [{ role: "user", content }] } as const;
  for await (const event of engine.generate({ ...request, prompt, maxTokens: 40 }, never)) {
    if (event.kind === "text") text += event.text;
    if (event.kind === "done") return { text, confidence: event.confidence };
  }
  throw new Error("it never ended");
}

test("whoever asks is told, from 0 to 1, and the answer is the same", async () => {
  const [plain, asked] = [await said({}), await said({ confidence: true })];
  expect(plain.confidence).toBeUndefined();
  expect(asked.text).toBe(plain.text);
  expect(asked.confidence).toBeGreaterThan(0.5);
  expect(asked.confidence).toBeLessThanOrEqual(1);
});

test("of what it was made for it is surer than of what it never saw", async () => {
  const strange = await said({ confidence: true }, "zq xv 99 !! kk % wombat ~~ 7");
  const known = await said({ confidence: true });
  expect(strange.confidence).toBeLessThan(known.confidence ?? 0);
});

test("held to labels it says one of them, and how sure it is of that one among them", async () => {
  const schema = { enum: ["logistics", "billing"] };
  const { text, confidence } = await said({ schema, confidence: true });
  expect(['"logistics"', '"billing"']).toContain(text.trim());
  expect(confidence).toBeGreaterThan(0);
  expect(confidence).toBeLessThanOrEqual(1);
});
