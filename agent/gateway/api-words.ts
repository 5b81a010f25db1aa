import type { TSchema } from "typebox";

/** What fields of requests mean, in the OpenAPI document; they mean the same wherever they stand. */
const words: Readonly<Record<string, string>> = {
  model: "A deployment or a route of this host; `GET /v1/models` lists them.",
  messages: "The conversation, formatted by the model's own chat template.",
  prompt: "A text to continue, or several; each becomes a choice.",
  input: "What is asked: a text, or a list.",
  instructions: "Stands before the input, as the system's words.",
  max_tokens:
    "The answer ends after so many tokens. Absent: where the model ends it, or its context.",
  max_completion_tokens: "The same as max_tokens; it goes before it.",
  max_output_tokens: "The answer ends after so many tokens, and is incomplete then.",
  temperature: "0 when absent: the same question gets the same answer.",
  top_p: "Of the likeliest tokens, as many as have this much probability together.",
  top_k: "Of the likeliest tokens, so many.",
  min_p: "Tokens at least this likely, measured by the likeliest.",
  seed: "The same seed, request and model give the same answer.",
  stop: "The answer ends before the first of these appears.",
  stream: "Server-sent events, piece by piece.",
  stream_options: "`include_usage`: a last event with the counts of tokens.",
  metadata: "`episode_id` joins the interactions of one conversation in the feedback.",
  response_format:
    "`text`, `json_object`, or `json_schema` with a schema that the answer is held to.",
  text: "`format`: `text`, `json_object`, or `json_schema` with a schema that the answer is held to.",
  tools: "Functions that the model may call.",
  tool_choice: "`none`, `auto`, `required`, one function, or those that are allowed.",
  parallel_tool_calls: "Whether an answer may have more than one call; it may when absent.",
  encoding_format: "`float`, or `base64` of 32-bit floats, the low byte first.",
  dimensions: "Only the model's own: no model file says whether its vectors may be cut.",
  query: "What the documents are held against.",
  documents: "Texts, or objects with a text.",
  top_n: "So many results, the best ones; all when absent.",
  return_documents: "Whether each result repeats its text.",
};

/** A request's schema with the meaning of its fields. */
export function withWords(schema: TSchema): object {
  const { properties, ...rest } = schema as TSchema & {
    readonly properties?: Readonly<Record<string, object>>;
  };
  if (properties === undefined) return schema;
  const described = Object.entries(properties).map(([name, field]) => {
    const description = Object.hasOwn(words, name) ? words[name] : undefined;
    return [name, description === undefined ? field : { ...field, description }] as const;
  });
  return { ...rest, properties: Object.fromEntries(described) };
}
