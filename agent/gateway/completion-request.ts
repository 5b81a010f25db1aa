import Type, { type Static } from "typebox";
import type { Read } from "./api-error.ts";
import {
  episodeOf,
  generationFields,
  nullable,
  refusedField,
  repeated,
  settingsOf,
} from "./request-fields.ts";
import { type Task, textMessage } from "./task.ts";

/** The body of `POST /v1/completions`. Prompts are answered one after the other, so an array takes one place in the queue. */
export const CompletionRequest = Type.Object({
  ...generationFields,
  prompt: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 128 }),
  ]),
  /** How likely each token was, and of how many others. */
  logprobs: nullable(Type.Integer({ minimum: 0, maximum: 5 })),
});
export type CompletionRequest = Static<typeof CompletionRequest>;

export function readCompletion(body: CompletionRequest): Read<Task> {
  const { logprobs, ...rest } = body;
  const error = refusedField(rest);
  if (error !== undefined) return { ok: false, error };
  const prompts = typeof body.prompt === "string" ? [body.prompt] : body.prompt;
  const settings = {
    ...settingsOf(body),
    ...(typeof logprobs === "number" && { logprobs }),
  };
  const n = body.n ?? 1;
  return {
    ok: true,
    value: {
      name: body.model,
      requests: prompts.flatMap((text) =>
        repeated({ ...settings, prompt: { kind: "text", text } }, n),
      ),
      n,
      input: prompts.map((text) => textMessage("user", text)),
      param: "prompt",
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      episodeId: episodeOf(body),
    },
  };
}
