import type { Message, SampleBody } from "@millwright/schema";
import type { Said } from "../gateway/gateway.ts";
import type { Redactor } from "./redact/redact.ts";

/** What schema `Sample` allows; a replacement may be longer than what it replaces. */
const MAX_LABEL = 200;
const MAX_COMMENT = 8_192;

export function redactedMessages(messages: readonly Message[], redactor: Redactor): Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => redactedPart(part, redactor)),
  }));
}

type Part = Message["parts"][number];

function redactedPart(part: Part, redactor: Redactor): Part {
  switch (part.type) {
    case "text":
    case "reasoning":
      return { ...part, content: redactor.text(part.content) };
    // Models make names of functions up, and callers make ids.
    case "tool_call":
      return {
        type: "tool_call",
        id: redactor.text(part.id),
        name: redactor.text(part.name),
        arguments: redactedValue(part.arguments, redactor),
      };
    case "tool_call_response":
      return {
        type: "tool_call_response",
        id: redactor.text(part.id),
        response: redactedValue(part.response, redactor),
      };
  }
}

/** Every text in a value, and every name; a number too, where its digits say something: telephone numbers are numbers. */
function redactedValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return redactor.text(value);
  if (typeof value === "number") {
    const text = redactor.text(String(value));
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((each) => redactedValue(each, redactor));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      redactor.text(name),
      redactedValue(each, redactor),
    ]),
  );
}

export function redactedInteraction(
  body: SampleBody["interaction"],
  redactor: Redactor,
): SampleBody["interaction"] {
  return {
    ...body,
    input: redactedMessages(body.input, redactor),
    output: redactedMessages(body.output, redactor),
  };
}

/** Every word that a person wrote goes through the redactor, labels too. */
export function redactedSaid(said: Said, redactor: Redactor): Said {
  switch (said.kind) {
    case "rating": {
      const { metric, value } = said.body;
      const label = redactedLabel(metric, redactor);
      const worth = typeof value === "string" ? redactedLabel(value, redactor) : value;
      return { kind: "rating", body: { ...said.body, metric: label, value: worth } };
    }
    case "correction": {
      const output = redactedMessages(said.body.output, redactor);
      return { kind: "correction", body: { ...said.body, output } };
    }
    case "preference": {
      const chosen = redactedMessages(said.body.chosen, redactor);
      const rejected = redactedMessages(said.body.rejected, redactor);
      return { kind: "preference", body: { chosen, rejected } };
    }
    case "comment": {
      const text = redactor.text(said.body.text).slice(0, MAX_COMMENT);
      return { kind: "comment", body: { text } };
    }
    case "implicit":
      return said;
  }
}

export function redactedLabel(text: string, redactor: Redactor): string {
  return redactor.text(text).slice(0, MAX_LABEL);
}

/** The words of an answer, for comparison. */
export function wordsOf(messages: readonly Message[]): string {
  return messages
    .flatMap(({ parts }) => parts)
    .map((part) => ("content" in part ? part.content : ""))
    .join("\n");
}
