import { askedAdapterOf } from "@millwright/schema";
import type { FastifyReply } from "fastify";
import type { ServedName } from "../reconcile/reconcile.ts";
import { addAboutRoutes } from "./about-routes.ts";
import { stopping, unknownModel, wrong } from "./api-error.ts";
import type { App } from "./app.ts";
import { refuse } from "./call.ts";
import { ChatRequest, readChat } from "./chat-request.ts";
import { CompletionRequest, readCompletion } from "./completion-request.ts";
import { EmbeddingRequest, embed } from "./embed.ts";
import { FeedbackRequest } from "./feedback-request.ts";
import { chatForm, completionForm } from "./form.ts";
import { generate } from "./generate.ts";
import type { Office } from "./office.ts";
import { addPeerRoute } from "./peer-route.ts";
import { RerankRequest, rerank } from "./rerank.ts";
import { responseForm } from "./response-form.ts";
import { ResponseRequest, readResponseRequest } from "./response-request.ts";
import { takeFeedback } from "./take-feedback.ts";

/** Jina and vLLM have the first, Cohere the others; all of them the same shape. */
const rerankUrls = ["/v1/rerank", "/v2/rerank", "/rerank"] as const;

/** Every address of the gateway. */
export function addRoutes(app: App, office: Office): void {
  app.addHook("onRequest", async (_request, reply) => {
    if (!office.closed()) return undefined;
    reply.header("connection", "close");
    return refuse(reply, stopping);
  });
  app.post("/v1/chat/completions", { schema: { body: ChatRequest } }, (request, reply) =>
    counted(office, reply, async () => {
      const task = readChat(request.body);
      return task.ok
        ? await generate(office, request, reply, task.value, chatForm)
        : refuse(reply, task.error);
    }),
  );
  app.post("/v1/completions", { schema: { body: CompletionRequest } }, (request, reply) =>
    counted(office, reply, async () => {
      const task = readCompletion(request.body);
      return task.ok
        ? await generate(office, request, reply, task.value, completionForm)
        : refuse(reply, task.error);
    }),
  );
  app.post("/v1/responses", { schema: { body: ResponseRequest } }, (request, reply) =>
    counted(office, reply, async () => {
      const read = readResponseRequest(request.body);
      if (!read.ok) return refuse(reply, read.error);
      const { task, format } = read.value;
      return await generate(office, request, reply, task, responseForm(request.body, format));
    }),
  );
  app.post("/v1/embeddings", { schema: { body: EmbeddingRequest } }, (request, reply) =>
    counted(office, reply, () => embed(office, request, reply, request.body)),
  );
  for (const url of rerankUrls) {
    app.post(url, { schema: { body: RerankRequest } }, (request, reply) =>
      counted(office, reply, () => rerank(office, request, reply, request.body)),
    );
  }
  app.post("/v1/feedback", { schema: { body: FeedbackRequest } }, (request, reply) =>
    takeFeedback(office, request, reply, request.body),
  );
  app.get("/v1/models", (request, reply) => {
    const { authorization } = request.headers;
    const error = office.callers.stranger(authorization);
    if (error !== undefined) return refuse(reply, error);
    const data = seen(office, authorization).map((name) => modelOf(office, name));
    return reply.send({ object: "list", data });
  });
  app.get<{ Params: { id: string } }>("/v1/models/:id", (request, reply) => {
    const { authorization } = request.headers;
    const error = office.callers.stranger(authorization);
    if (error !== undefined) return refuse(reply, error);
    const names = seen(office, authorization);
    const { id } = request.params;
    const served = names.find(({ name }) => name === id);
    if (served !== undefined) return reply.send(modelOf(office, served));
    return refuse(
      reply,
      unknownModel(
        id,
        names.map(({ name }) => name),
      ),
    );
  });
  if (office.peers !== undefined) addPeerRoute(app, office.peers, office.deadline);
  addAboutRoutes(app);
  app.get("/healthz", (_request, reply) =>
    reply.send({ status: "ok", models: office.serving.names().length }),
  );
  for (const url of [
    ...["/v1/chat/completions", "/v1/completions", "/v1/responses"],
    ...["/v1/embeddings", "/v1/feedback"],
    ...rerankUrls,
  ])
    onlyWith(app, url, "POST");
  for (const url of ["/v1/models", "/v1/models/:id", "/healthz", "/openapi.json", "/"])
    onlyWith(app, url, "GET");
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** The other methods of an address are told which one it takes. */
function onlyWith(app: App, url: string, method: "GET" | "POST"): void {
  app.route({
    url,
    // HEAD comes with GET.
    method: methods.filter((other) => other !== method && (method !== "GET" || other !== "HEAD")),
    // Before the body: it would only be parsed to be thrown away.
    onRequest: async (request, reply) => {
      reply.header("allow", method === "GET" ? "GET, HEAD" : method);
      const preflight = request.headers["access-control-request-method"] !== undefined;
      const message = preflight
        ? "Pages of other origins get no answers here: no key is safe in a page. Ask from a server of yours."
        : `Use ${method}.`;
      return refuse(reply, wrong("method_not_allowed", message, null, 405));
    },
    handler: () => {
      throw new Error("impossible: answered before it was handled");
    },
  });
}

async function counted(
  { counter }: Office,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  counter.begin();
  let failed = true;
  try {
    const answered = await work();
    failed = reply.statusCode >= 500;
    return answered;
  } finally {
    counter.end(failed);
  }
}

/** The models that whoever asks may ask for. */
function seen({ serving, callers }: Office, authorization: string | undefined) {
  return serving.names().filter(({ name }) => callers.sees(authorization, name));
}

function modelOf({ plan }: Office, { name, kind, since }: ServedName): object {
  const running = plan()?.plan;
  const asked = running && askedAdapterOf(running, name)?.deployment;
  const maker = running?.deployments[asked ?? name] ?? running?.routes[name];
  const owner = maker?.factory ?? "millwright";
  const created = Math.floor(since / 1000);
  return { id: name, object: "model", created, owned_by: owner, x_millwright: { kind } };
}
