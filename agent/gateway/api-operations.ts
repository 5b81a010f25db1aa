import type { TSchema } from "typebox";
import {
  ChatAnswer,
  CompletionAnswer,
  EmbeddingAnswer,
  FeedbackAnswer,
  HealthAnswer,
  ModelAnswer,
  ModelsAnswer,
  RerankAnswer,
  ResponseAnswer,
} from "./api-answers.ts";
import { ChatRequest } from "./chat-request.ts";
import { CompletionRequest } from "./completion-request.ts";
import { EmbeddingRequest } from "./embed.ts";
import { FeedbackRequest } from "./feedback-request.ts";
import { RerankRequest } from "./rerank.ts";
import { ResponseRequest } from "./response-request.ts";

/** What the OpenAPI document says of one address. */
export interface Operation {
  readonly method: "get" | "post";
  readonly path: string;
  /** The name of the operation, for generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  /** Whether it wants a key where the model's factory has keys. */
  readonly keyed: boolean;
  readonly parameter?: string;
  readonly body?: TSchema;
  readonly example?: object;
  readonly answer: { readonly status: 200 | 202; readonly schema: TSchema | "html" | "json" };
  /** Answers with server-sent events where `stream` is true. */
  readonly streams?: true;
  readonly errors: readonly (keyof typeof errorMeanings)[];
}

/** Every status with which the gateway refuses, and when. */
export const errorMeanings = {
  400: "A field is wrong, missing or not supported; `param` names it. Or the prompt does not fit the model's context.",
  401: "A key is needed, or this one opens nothing.",
  404: "There is no such model, or no such address. The message names the models that there are.",
  405: "The address takes another method; `allow` names it. Pages of other origins get this for their preflight.",
  408: "The request took too long to arrive.",
  413: "The body is too large.",
  415: "The body is no JSON, or it is compressed.",
  417: "`expect` asks for something else than `100-continue`.",
  429: "Too many requests wait, or the key's rate or budget is used up; `retry-after` says for how many seconds.",
  431: "The head of the request is too large.",
  500: "The gateway or the engine failed. The agent's journal says more, under `x-request-id`.",
  503: "The model is loading, was lost, or the gateway is stopping; `retry-after` says when to come again.",
  504: "The time is over that the request itself allows, with `prefer: wait=SECONDS`.",
} as const;

const arriving = [408, 413, 415, 417, 431] as const;
const asking = [400, 401, 404, 405, ...arriving, 429, 500, 503, 504] as const;
const reading = [401, 405, 408, 417, 431, 500, 503] as const;
const user = [{ role: "user", content: "Hi team, my parcel 4821 has not arrived. Regards, Ana" }];

export const operations: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/chat/completions", id: "createChatCompletion", keyed: true },
    summary: "Answers a conversation",
    description:
      "As OpenAI's chat completions. The temperature is 0 unless the request has another. What would change the meaning of a request and is not supported is refused by name; other unknown fields are ignored.",
    ...{ body: ChatRequest, example: { model: "support", messages: user } },
    ...{ answer: { status: 200, schema: ChatAnswer }, streams: true, errors: asking },
  },
  {
    ...{ method: "post", path: "/v1/completions", id: "createCompletion", keyed: true },
    summary: "Continues a text, or several",
    description:
      "As OpenAI's completions: no chat template stands between the prompt and the model.",
    ...{ body: CompletionRequest, example: { model: "support", prompt: "Dear", max_tokens: 16 } },
    ...{ answer: { status: 200, schema: CompletionAnswer }, streams: true, errors: asking },
  },
  {
    ...{ method: "post", path: "/v1/responses", id: "createResponse", keyed: true },
    summary: "Answers a text or messages",
    description:
      "OpenAI's Responses API, what of it is about text and the caller's own functions. Nothing is stored, so a request holds its whole conversation; the output of an earlier answer can be part of the input.",
    ...{ body: ResponseRequest, example: { model: "support", input: "Where is parcel 4821?" } },
    ...{ answer: { status: 200, schema: ResponseAnswer }, streams: true, errors: asking },
  },
  {
    ...{ method: "post", path: "/v1/embeddings", id: "createEmbedding", keyed: true },
    summary: "Gives the vectors of texts",
    description: "Vectors have length one: their dot product is the cosine.",
    ...{ body: EmbeddingRequest, example: { model: "support", input: "parcel 4821" } },
    ...{ answer: { status: 200, schema: EmbeddingAnswer }, errors: asking },
  },
  ...["/v1/rerank", "/v2/rerank", "/rerank"].map(
    (path, index): Operation => ({
      ...{
        method: "post",
        path,
        id: ["rerank", "rerankV2", "rerankBare"][index] ?? "",
        keyed: true,
      },
      summary: "Scores documents by how well they answer a query",
      description:
        "As the clients of Jina, Cohere, vLLM and llama-server ask for it. The model must be made for it.",
      body: RerankRequest,
      example: { model: "support", query: "late parcels", documents: ["parcel 4821 is late"] },
      ...{ answer: { status: 200, schema: RerankAnswer }, errors: asking },
    }),
  ),
  {
    ...{ method: "post", path: "/v1/feedback", id: "createFeedback", keyed: true },
    summary: "Says something of an answer",
    description:
      "A rating, a correction, a comment, a preference or an implicit signal. It is answered once it survives a power cut.",
    body: FeedbackRequest,
    example: { id: "chatcmpl-01890a5d-ac96-774b-bcce-b302099a8057", kind: "rating", value: true },
    ...{ answer: { status: 202, schema: FeedbackAnswer }, errors: asking },
  },
  {
    ...{ method: "get", path: "/v1/models", id: "listModels", keyed: true },
    summary: "Lists what can be asked for",
    description: "Deployments and routes: those that the key opens, and those that need none.",
    ...{ answer: { status: 200, schema: ModelsAnswer }, errors: reading },
  },
  {
    ...{ method: "get", path: "/v1/models/{id}", id: "retrieveModel", keyed: true },
    summary: "Tells of one model",
    description: "As in the list.",
    parameter: "id",
    ...{ answer: { status: 200, schema: ModelAnswer }, errors: [...reading, 404] },
  },
  {
    ...{ method: "get", path: "/healthz", id: "health", keyed: false },
    summary: "Says that the gateway answers",
    description: "For load balancers. It asks no model.",
    ...{ answer: { status: 200, schema: HealthAnswer }, errors: [405, 503] },
  },
  {
    ...{ method: "get", path: "/openapi.json", id: "document", keyed: false },
    summary: "Gives this document",
    description: "OpenAPI 3.1, made of the schemas that requests are checked with.",
    ...{ answer: { status: 200, schema: "json" }, errors: [405, 503] },
  },
  {
    ...{ method: "get", path: "/", id: "page", keyed: false },
    summary: "Shows a page for people",
    description: "The models, the addresses, and how to ask. It loads nothing from elsewhere.",
    ...{ answer: { status: 200, schema: "html" }, errors: [405, 503] },
  },
];
