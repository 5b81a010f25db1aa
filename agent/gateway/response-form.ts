import type { Usage } from "../runner/runner.ts";
import type { Form, Head, Wording } from "./form.ts";
import type { ResponseRequest } from "./response-request.ts";
import type { Call, CallPiece, Choice, FinishReason } from "./transcript.ts";

/**
 * How `POST /v1/responses` words its answer to one request, which it repeats. The events of a stream and their order
 * are those of OpenAI's documentation of streaming responses; each is numbered.
 */
export function responseForm(request: ResponseRequest, format: object): Form {
  return {
    ...{ prefix: "resp_", operation: "chat", named: true },
    whole(head, { choices: [choice], usage }) {
      const status = statusOf(choice?.finishReason);
      const output = choice === undefined ? [] : itemsOf(choice).map(wordedIn(head, status));
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

/** One part of an answer: a message, or the call of a function. */
type Item =
  | { readonly kind: "message"; text: string; open: boolean }
  | { readonly kind: "call"; call: Call; open: boolean };

function itemsOf({ text, calls }: Choice): readonly Item[] {
  return [
    ...(text === "" && calls.length > 0 ? [] : [{ kind: "message" as const, text, open: false }]),
    ...calls.map((call) => ({ kind: "call" as const, call, open: false })),
  ];
}

function wordingOf(head: Head, response: (progress: Progress) => object): Wording {
  const items: Item[] = [];
  let next = 0;
  let status: Status = "in_progress";
  const event = (type: string, fields: object) => {
    const sequence_number = next;
    next += 1;
    return { type: `response.${type}`, sequence_number, ...fields };
  };
  const of = (progress: Progress) => ({ response: response(progress) });
  const place = (index: number) => ({
    item_id: itemId(head, items[index], index),
    output_index: index,
  });

  const begin = (item: Item): object[] => {
    const index = items.push(item) - 1;
    const begun = event("output_item.added", {
      output_index: index,
      item: worded(head, item, index, "in_progress", false),
    });
    if (item.kind === "call") return [begun];
    return [
      begun,
      event("content_part.added", { ...place(index), content_index: 0, part: partOf("") }),
    ];
  };
  const finish = (item: Item, index: number, as: Status): object[] => {
    if (!item.open) return [];
    item.open = false;
    const whole = { output_index: index, item: worded(head, item, index, as) };
    const at = place(index);
    if (item.kind === "call") {
      const { name, arguments: written } = item.call;
      return [
        event("function_call_arguments.done", { ...at, name, arguments: written }),
        event("output_item.done", whole),
      ];
    }
    const { text } = item;
    return [
      event("output_text.done", { ...at, content_index: 0, text, logprobs: [] }),
      event("content_part.done", { ...at, content_index: 0, part: partOf(text) }),
      event("output_item.done", whole),
    ];
  };
  const say = (text: string): object[] => {
    const events: object[] = [];
    let last = items.at(-1);
    if (last?.kind !== "message") {
      last = { kind: "message", text: "", open: true };
      events.push(...begin(last));
    }
    last.text += text;
    const at = { ...place(items.length - 1), content_index: 0 };
    return [...events, event("output_text.delta", { ...at, delta: text, logprobs: [] })];
  };
  /** A message ends where a call begins; calls end together, since engines may write several at once. */
  const call = ({ id, name, call: number, arguments: added }: CallPiece): object[] => {
    const events: object[] = [];
    if (name !== undefined) {
      for (const [index, item] of items.entries())
        if (item.kind === "message") events.push(...finish(item, index, "completed"));
      const begun = { id: id ?? "", name, arguments: "" };
      events.push(...begin({ kind: "call", call: begun, open: true }));
    }
    const item = items.filter((each) => each.kind === "call")[number];
    if (item === undefined) throw new Error("impossible: a call that did not begin");
    item.call = { ...item.call, arguments: item.call.arguments + added };
    if (added === "") return events;
    const at = place(items.indexOf(item));
    return [...events, event("function_call_arguments.delta", { ...at, delta: added })];
  };

  return {
    opening: () => [
      event("created", of({ status, output: [] })),
      event("in_progress", of({ status, output: [] })),
    ],
    piece(piece) {
      if (piece.kind === "text") return say(piece.text);
      if (piece.kind === "tool-call") return call(piece);
      status = statusOf(piece.finishReason);
      const events = items.length === 0 ? begin({ kind: "message", text: "", open: true }) : [];
      return [...events, ...items.flatMap((item, index) => finish(item, index, status))];
    },
    closing: ({ usage }) => [
      event(status, of({ status, output: items.map(wordedIn(head, status)), usage })),
    ],
    failed({ message }) {
      const output = items.map(wordedIn(head, "incomplete"));
      const error = { code: "server_error", message };
      return [event("failed", of({ status: "failed", output, error }))];
    },
  };
}

function statusOf(finishReason: FinishReason | undefined): Status {
  return finishReason === "length" ? "incomplete" : "completed";
}

/** The request's own id, so that an answer and its first message are known by one number. */
function itemId({ id }: Head, item: Item | undefined, index: number): string {
  const own = id.replace(/^resp_/, item?.kind === "call" ? "fc_" : "msg_");
  return index === 0 ? own : `${own}_${index}`;
}

const wordedIn = (head: Head, status: Status) => (item: Item, index: number) =>
  worded(head, item, index, status);

/** `filled`: with its content, which is not there while it begins. */
function worded(head: Head, item: Item, index: number, status: Status, filled = true): object {
  const id = itemId(head, item, index);
  if (item.kind === "call") {
    const { id: call_id, name, arguments: written } = item.call;
    return { id, type: "function_call", status, call_id, name, arguments: written };
  }
  const content = filled ? [partOf(item.text)] : [];
  return { id, type: "message", status, role: "assistant", content };
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
    ...{ model, output, previous_response_id: null },
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: request.temperature ?? 0,
    text: { format },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    ...{ top_p: request.top_p ?? 1, truncation: "disabled" },
    usage: usage === undefined ? null : usageOf(usage),
  };
}

function usageOf({ inputTokens, cachedTokens = 0, outputTokens }: Usage): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
