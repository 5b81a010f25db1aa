import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { readerOf } from "@millwright/schema";
import { fastify } from "fastify";
import type { TSchema } from "typebox";
import { messageOf, uuid7 } from "../life/life.ts";
import { type ApiError, bodyOf, ourFault, wrong } from "./api-error.ts";
import { refuse } from "./call.ts";
import { readJson } from "./json-body.ts";
import type { Office } from "./office.ts";
import { errorOfShape, type ShapeError } from "./shape-error.ts";

const MAX_BODY = 4 * 1024 ** 2;
/** For the head of a request, and for the whole of it: a client that drips bytes gets no more. */
const HEADERS_MS = 20_000;
const REQUEST_MS = 60_000;
const IDLE_MS = 75_000;

/** A server without routes: its limits, its ids, and the one shape of all its errors. */
export function bareApp({ clock, chance, journal }: Pick<Office, "clock" | "chance" | "journal">) {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    // Nobody but this host names its requests.
    requestIdHeader: false,
    genReqId: () => uuid7(clock.now(), chance),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (_error, request, reply) => {
      reply.header("x-request-id", request.id);
      refuse(reply, wrong("bad_request", "The address or the head of the request is malformed."));
    },
    clientErrorHandler,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(({ schema }) => validatorOf(schema as TSchema));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i,
    { parseAs: "buffer" },
    (_request, body, done) => {
      const value = readJson(typeof body === "string" ? Buffer.from(body) : body);
      if (value.ok) done(null, value.value);
      else done(new BodyError(value.error));
    },
  );
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.header("x-content-type-options", "nosniff");
  });
  app.setErrorHandler((error, request, reply) => {
    const said = errorOf(error);
    if (said === ourFault) {
      const { id } = request;
      journal("error", { event: "gateway/internal-error", id, reason: messageOf(error) });
    }
    return refuse(reply, said);
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${pathOf(request.url)} here.`;
    return refuse(reply, wrong("unknown_url", message, null, 404));
  });
  return app;
}

export type App = ReturnType<typeof bareApp>;

/** Carries an `ApiError` through fastify, which wants something thrown. */
class BodyError extends Error {
  readonly said: ApiError;

  constructor(said: ApiError) {
    super(said.message);
    this.said = said;
  }
}

function validatorOf(schema: TSchema) {
  const read = readerOf(schema);
  const validate = (value: unknown): boolean => {
    const reading = read(value);
    validate.errors = reading.ok ? null : reading.errors.map(shapeErrorOf);
    return reading.ok;
  };
  validate.errors = null as ShapeError[] | null;
  return validate;
}

function shapeErrorOf({
  keyword,
  instancePath,
  schemaPath,
  params,
  message,
}: {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Record<string, unknown>;
  readonly message?: string | undefined;
}): ShapeError {
  return { keyword, instancePath, schemaPath, params, message: message ?? "is invalid" };
}

function errorOf(error: unknown): ApiError {
  if (error instanceof BodyError) return error.said;
  if (!(error instanceof Error)) return ourFault;
  if ("validation" in error && Array.isArray(error.validation)) {
    return errorOfShape(error.validation);
  }
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return wrong("payload_too_large", `A body has ${MAX_BODY} bytes at most.`, null, 413);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return wrong("unsupported_content_type", "Send JSON, with content-type: application/json.");
    default:
      break;
  }
  const status = "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 && status < 500
    ? wrong("bad_request", `${messageOf(error)}.`)
    : ourFault;
}

function pathOf(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

/** What reached the port and is no HTTP, too slow, or too large in its head. */
function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const [status, message] = late
    ? ["408 Request Timeout", "The request took too long to arrive."]
    : ["400 Bad Request", "That is no HTTP request, or its head is too large."];
  const body = JSON.stringify(bodyOf(wrong("bad_request", message)));
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
