import type { TSchema } from "typebox";
import { ErrorAnswer } from "./api-answers.ts";
import { errorMeanings, type Operation, operations } from "./api-operations.ts";
import { withWords } from "./api-words.ts";

/**
 * The gateway's OpenAPI document (OpenAPI Specification 3.1.1), made of the very schemas that requests are checked
 * with: JSON Schema of draft 2020-12, which that version takes as it is. Loaded when it is first asked for.
 *
 * @fastify/swagger would have needed the shapes of answers on the routes, where fastify drops what they do not name,
 * and its own copy of the routes in memory.
 */
export function apiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations)
    paths[operation.path] = { [operation.method]: described(operation) };
  return {
    openapi: "3.1.1",
    info: {
      title: "Millwright gateway",
      version: "1",
      summary: "The models of this host.",
      description:
        "Compatible with OpenAI's API. Every answer says who made it, in `x_millwright` and in headers; every error has one shape.",
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "This host." }],
    tags: [
      { name: "tasks", description: "What models are asked for." },
      { name: "host", description: "What this host is and has." },
    ],
    paths,
    components: {
      schemas: { Error: ErrorAnswer },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "A key that `millwright key` made, where the model's factory has `apiKeys`.",
        },
      },
      headers: {
        RequestId: { description: "The id under which the journal knows it.", schema: text },
        RetryAfter: {
          description: "Seconds until it is worth asking again.",
          schema: { type: "integer", minimum: 1 },
        },
        Plan: { description: "The digest of the signed plan.", schema: text },
        Deployment: { description: "The deployment that answered.", schema: text },
      },
    },
  };
}

/** RFC 7240, section 4.3. */
const patience = {
  ...{ name: "prefer", in: "header", required: false, schema: { type: "string" } },
  description: "`wait=SECONDS`: how long the caller waits. Past it the engine stops.",
  example: "wait=30",
};
const text = { type: "string" } as const;
const header = (name: string) => ({ $ref: `#/components/headers/${name}` });

function described(operation: Operation): object {
  const { id, summary, description, keyed, parameter, body, example, errors } = operation;
  return {
    operationId: id,
    tags: [body === undefined ? "host" : "tasks"],
    ...{ summary, description },
    // Without a key, or with one: which it is depends on the model.
    security: keyed ? [{ key: [] }, {}] : [],
    ...(parameter !== undefined && {
      parameters: [{ name: parameter, in: "path", required: true, schema: text }],
    }),
    ...(errors.includes(504) && { parameters: [patience] }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: bodyOf(operation, body), ...(example && { example }) },
        },
      },
    }),
    responses: {
      [operation.answer.status]: answered(operation),
      ...Object.fromEntries(errors.map((status) => [status, refused(status)])),
    },
  };
}

/** Fields of feedback are words of its own. */
function bodyOf({ path }: Operation, body: TSchema): object {
  return path === "/v1/feedback" ? body : withWords(body);
}

function answered({ answer: { status, schema }, body, streams }: Operation): object {
  return {
    description: "The answer.",
    headers: {
      "x-request-id": header("RequestId"),
      ...(body !== undefined &&
        status === 200 && {
          "x-millwright-plan": header("Plan"),
          "x-millwright-deployment": header("Deployment"),
        }),
    },
    content: {
      ...contentOf(schema),
      ...(streams === true && {
        "text/event-stream": {
          schema: { ...text, description: "Server-sent events, where `stream` is true." },
        },
      }),
    },
  };
}

function contentOf(schema: TSchema | "html" | "json"): object {
  if (schema === "html") return { "text/html": { schema: text } };
  return { "application/json": { schema: schema === "json" ? { type: "object" } : schema } };
}

function refused(status: keyof typeof errorMeanings): object {
  return {
    description: errorMeanings[status],
    headers: {
      "x-request-id": header("RequestId"),
      ...((status === 429 || status === 503) && { "retry-after": header("RetryAfter") }),
    },
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}
