import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { EngineError } from "../runner/runner.ts";
import { unsupported } from "./api-error.ts";
import { refuse } from "./call.ts";
import { consult } from "./consult.ts";
import type { Office } from "./office.ts";
import { ModelName, nullable } from "./request-fields.ts";

const Text = Type.String({ minLength: 1 });

/** The body of `POST /v1/rerank`, as Jina, Cohere, vLLM and llama-server have it. */
export const RerankRequest = Type.Object({
  model: ModelName,
  query: Text,
  documents: Type.Array(Type.Union([Text, Type.Object({ text: Text })]), {
    minItems: 1,
    maxItems: 1000,
  }),
  /** So many results, the best ones; all of them when absent. */
  top_n: nullable(Type.Integer({ minimum: 1 })),
  /** Whether each result repeats the text. */
  return_documents: nullable(Type.Boolean()),
});
export type RerankRequest = Static<typeof RerankRequest>;

/** These cut documents or pick parts of them: ignored, they would give other scores. */
const changing = [
  "rank_fields",
  "max_chunks_per_doc",
  "max_tokens_per_doc",
  "truncate_prompt_tokens",
] as const;

/** Scores documents by how well they answer a query, the best first. */
export async function rerank(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  body: RerankRequest,
): Promise<FastifyReply> {
  const asks: Readonly<Record<string, unknown>> = body;
  const cut = changing.find((field) => (asks[field] ?? null) !== null);
  if (cut !== undefined)
    return refuse(reply, unsupported(cut, `This server does not support ${cut}. Leave it out.`));
  const { model, query, top_n, return_documents } = body;
  const documents = body.documents.map((each) => (typeof each === "string" ? each : each.text));
  return consult(office, request, reply, {
    ...{ model, param: "documents", operation: "rerank", texts: [query, ...documents] },
    async ask(engine, signal) {
      const ranking = await engine.rerank({ query, documents }, signal);
      if (ranking.scores.length === documents.length) return ranking;
      throw new EngineError("engine-failed", "The model did not score every document.");
    },
    worded({ scores }) {
      const results = scores
        .map((relevance_score, index) => ({
          ...{ index, relevance_score },
          ...(return_documents === true && { document: { text: documents[index] } }),
        }))
        // Equal ones stay in the order in which they came.
        .toSorted((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, top_n ?? undefined);
      return { ok: true, value: { id: `rerank-${request.id}`, object: "list", model, results } };
    },
  });
}
