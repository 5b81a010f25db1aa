import { parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { EngineError } from "../../engine.ts";

const readList = readerOf(
  Type.Object({
    data: Type.Array(
      Type.Object({
        index: Type.Integer(),
        embedding: Type.Array(Type.Number(), { minItems: 1 }),
      }),
    ),
    usage: Type.Optional(Type.Object({ prompt_tokens: Type.Optional(Type.Number()) })),
  }),
);

/** The vectors of an answer of `/v1/embeddings`, in the order of the inputs. Throws EngineError. */
export function readVectors(
  body: string,
  count: number,
): { readonly vectors: readonly (readonly number[])[]; readonly inputTokens: number } {
  const list = readList(parseJson(body));
  const sorted = list.ok ? list.value.data.toSorted((a, b) => a.index - b.index) : [];
  if (!list.ok || sorted.length !== count || sorted.some(({ index }, at) => index !== at))
    throw new EngineError(
      "engine-failed",
      `The engine was asked for ${count} vectors and sent something else: ${body.slice(0, 100)}`,
    );
  return {
    vectors: sorted.map(({ embedding }) => embedding),
    inputTokens: list.value.usage?.prompt_tokens ?? 0,
  };
}
