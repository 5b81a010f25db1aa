import { parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { EngineError, type Ranking } from "../../engine.ts";

/** vLLM and llama-server follow Jina in what they call things; SGLang answers with the list alone. */
const Result = Type.Object({
  index: Type.Integer(),
  relevance_score: Type.Optional(Type.Number()),
  score: Type.Optional(Type.Number()),
});
const Usage = Type.Object({
  prompt_tokens: Type.Optional(Type.Number()),
  total_tokens: Type.Optional(Type.Number()),
});
const readList = readerOf(Type.Array(Result));
const readObject = readerOf(
  Type.Object({ results: Type.Array(Result), usage: Type.Optional(Usage) }),
);

/** The scores of an answer of `/v1/rerank`, from 0 to 1, in the order of the documents. Throws EngineError. */
export function readRanking(body: string, count: number): Ranking {
  const json = parseJson(body);
  const list = readList(json);
  const object = readObject(json);
  const found = list.ok ? list.value : object.ok ? object.value.results : [];
  const usage = object.ok ? object.value.usage : undefined;
  const sorted = found.toSorted((a, b) => a.index - b.index);
  const scores = sorted.map(({ relevance_score, score }) => relevance_score ?? score ?? Number.NaN);
  if (
    sorted.length !== count ||
    sorted.some(({ index }, at) => index !== at) ||
    !scores.every(Number.isFinite)
  )
    throw new EngineError(
      "engine-failed",
      `The engine was asked for ${count} scores and sent something else: ${body.slice(0, 100)}`,
    );
  // llama-server gives what the head says, of any size; the others what becomes of it between 0 and 1.
  const isRaw = scores.some((score) => score < 0 || score > 1);
  return {
    scores: isRaw ? scores.map((score) => 1 / (1 + Math.exp(-score))) : scores,
    inputTokens: usage?.prompt_tokens ?? usage?.total_tokens ?? 0,
  };
}
