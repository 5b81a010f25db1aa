import type { Usage } from "../runner/runner.ts";
import type { Form, Head, Wording } from "./form.ts";
import type { ResponseRequest } from "./response-request.ts";

/**
 * How `POST /v1/responses` words its answer to one request, which it repeats. The events of a stream and their order
 * are those of OpenAI's documentation of streaming responses; each is numbered.
 */
export function responseForm(request: ResponseRequest, format: object): Form {
  return {
    ...{ prefix: "resp_", operation: "chat", named: true },
    whole(head, { choices: [choice], usage }) {
      const status = statusOf(choice?.finishReason);
      const output = [messageOf(head, status, choice?.text ?? "")];
      return responseOf(head, request, format, { status, output, usage });
    },
    stream: (head, maker) =>
      wordingOf(head, (progress) => ({
        ...responseOf(head, request, format, progress),
        x_millwright: maker,
      })),
  };
}

type Status = "in_progress" | "completed" | "incomplete" | "failed";

/** What becomes known of a response in the course of it. */
interface Progress {
  readonly status: Status;
  readonly output: readonly object[];
  readonly usage?: Usage;
  readonly error?: object;
}

function wordingOf(head: Head, response: (progress: Progress) => object): Wording {
  const place = { item_id: itemId(head), output_index: 0, content_index: 0 };
  let next = 0;
  let said = "";
  let status: Status = "in_progress";
  const event = (type: string, fields: object) => {
    const sequence_number = next;
    next += 1;
    return { type: `response.${type}`, sequence_number, ...fields };
  };
  const of = (progress: Progress) => ({ response: response(progress) });
  return {
    opening: () => [
      event("created", of({ status, output: [] })),
      event("in_progress", of({ status, output: [] })),
      event("output_item.added", { output_index: 0, item: messageOf(head, status) }),
      event("content_part.added", { ...place, part: partOf("") }),
    ],
    piece(piece) {
      if (piece.kind === "text") {
        said += piece.text;
        return [event("output_text.delta", { ...place, delta: piece.text, logprobs: [] })];
      }
      if (piece.kind === "tool-call")
        throw new Error("impossible: this endpoint passes no tools on");
      status = statusOf(piece.finishReason);
      return [
        event("output_text.done", { ...place, text: said, logprobs: [] }),
        event("content_part.done", { ...place, part: partOf(said) }),
        event("output_item.done", { output_index: 0, item: messageOf(head, status, said) }),
      ];
    },
    closing({ usage }) {
      const output = [messageOf(head, status, said)];
      return [event(status, of({ status, output, usage }))];
    },
    failed({ message }) {
      const output = [messageOf(head, "incomplete", said)];
      const error = { code: "server_error", message };
      return [event("failed", of({ status: "failed", output, error }))];
    },
  };
}

function statusOf(finishReason: string | undefined): Status {
  return finishReason === "length" ? "incomplete" : "completed";
}

function itemId({ id }: Head): string {
  return id.replace(/^resp_/, "msg_");
}

/** `text`: absent while nothing of it is there. */
function messageOf(head: Head, status: Status, text?: string): object {
  const content = text === undefined ? [] : [partOf(text)];
  return { id: itemId(head), type: "message", status, role: "assistant", content };
}

function partOf(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function responseOf(
  { id, created, model }: Head,
  request: ResponseRequest,
  format: object,
  { status, output, usage, error }: Progress,
): object {
  return {
    ...{ id, object: "response", created_at: created, status, background: false },
    error: error ?? null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    ...{ model, output, parallel_tool_calls: true, previous_response_id: null },
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: request.temperature ?? 0,
    text: { format },
    ...{ tool_choice: "auto", tools: [], top_p: request.top_p ?? 1, truncation: "disabled" },
    usage: usage === undefined ? null : usageOf(usage),
  };
}

function usageOf({ inputTokens, outputTokens }: Usage): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
