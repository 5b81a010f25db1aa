import Type, { type Static } from "typebox";
import type { Read } from "./api-error.ts";
import { episodeOf, generationFields, refusedField, settingsOf } from "./request-fields.ts";
import { type Task, textMessage } from "./task.ts";

/** The body of `POST /v1/completions`. Prompts are answered one after the other, so an array takes one place in the queue. */
export const CompletionRequest = Type.Object({
  ...generationFields,
  prompt: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 128 }),
  ]),
});
export type CompletionRequest = Static<typeof CompletionRequest>;

export function readCompletion(body: CompletionRequest): Read<Task> {
  const error = refusedField(body);
  if (error !== undefined) return { ok: false, error };
  const prompts = typeof body.prompt === "string" ? [body.prompt] : body.prompt;
  const settings = settingsOf(body);
  return {
    ok: true,
    value: {
      name: body.model,
      requests: prompts.map((text) => ({ ...settings, prompt: { kind: "text", text } })),
      input: prompts.map((text) => textMessage("user", text)),
      param: "prompt",
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      episodeId: episodeOf(body),
    },
  };
}
