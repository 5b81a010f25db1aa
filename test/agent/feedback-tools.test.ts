/** Calls of tools and their results are kept like any other words: redacted first. */
import { bodies } from "@millwright/schema";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { Redactor } from "../../agent/feedback/redact/redact.ts";
import { redactedInteraction } from "../../agent/feedback/redacted-body.ts";

const seen = {
  input: [
    { role: "user", parts: [{ type: "text" as const, content: "Ask ana@example.org" }] },
    {
      role: "assistant",
      parts: [
        {
          type: "tool_call" as const,
          id: "call_ana@example.org",
          name: "ask",
          arguments: {
            to: ["ana@example.org"],
            "bob@example.org": { card: 4111111111111111, n: 3 },
          },
        },
      ],
    },
    {
      role: "tool",
      parts: [{ type: "tool_call_response" as const, id: "call_1", response: "at 192.168.0.17" }],
    },
  ],
  output: [
    {
      role: "assistant",
      parts: [
        {
          type: "tool_call" as const,
          id: "2",
          name: "tell ana@example.org",
          arguments: '{"a": "ana@example.org',
        },
      ],
    },
  ],
  finishReason: "tool_calls",
  usage: { inputTokens: 1, outputTokens: 1 },
  durationMs: 1,
};

test("names, ids, arguments and results are redacted, and are parts that the schema knows", () => {
  const redactor = new Redactor("personal");
  const kept = redactedInteraction(seen, redactor);
  expect(kept.input[1]?.parts).toEqual([
    {
      type: "tool_call",
      id: "[EMAIL]",
      name: "ask",
      arguments: { to: ["[EMAIL]"], "[EMAIL]": { card: "[CARD]", n: 3 } },
    },
  ]);
  expect(kept.input[2]?.parts).toEqual([
    { type: "tool_call_response", id: "call_1", response: "at [IP]" },
  ]);
  expect(kept.output[0]?.parts).toEqual([
    { type: "tool_call", id: "2", name: "tell [EMAIL]", arguments: '{"a": "[EMAIL]' },
  ]);
  expect(redactor.counts).toMatchObject({ CARD: 1, IP: 1 });
  expect(new Ajv({ strict: false }).validate(bodies.interaction, kept)).toBe(true);
  expect(JSON.stringify(kept)).not.toMatch(/example|4111|192\.168/);
});

test("what a factory keeps as it is stays as it is", () => {
  expect(redactedInteraction(seen, new Redactor("nothing"))).toEqual(seen);
});
