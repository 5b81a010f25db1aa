import { STATUS_CODES } from "node:http";
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

/** How long a client may take. */
export interface Limits {
  /** For the head of a request, and for the whole of it: a client that drips bytes gets no more. */
  readonly headMs: number;
  readonly requestMs: number;
  /** Between requests on one connection. */
  readonly idleMs: number;
  /** How often that is looked at. */
  readonly everyMs: number;
}

const usual: Limits = { headMs: 20_000, requestMs: 60_000, idleMs: 75_000, everyMs: 5_000 };

/** A server without routes: its limits, its ids, and the one shape of all its errors. */
export function bareApp({
  clock,
  chance,
  journal,
  limits = usual,
}: Pick<Office, "clock" | "chance" | "journal" | "limits">) {
  const { headMs, requestMs, idleMs, everyMs } = limits;
  // Connections on which an answer is on its way: what is written between would be taken for a part of it.
  const answering: Answering = new WeakMap();
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: everyMs,
      // Node would refuse it without a word; it is refused below.
      requireHostHeader: false,
    },
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
    clientErrorHandler: clientErrors(answering),
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
    const { host, "content-encoding": encoding = "identity" } = request.headers;
    // RFC 9112, section 3.2: whatever stands between may take it for another host's.
    if (host === undefined && request.raw.httpVersion === "1.1") return refuse(reply, hostless);
    if (encoding.toLowerCase() === "identity") return undefined;
    // RFC 9110, section 15.5.16. A few kilobytes can unpack to more than the memory there is.
    reply.header("accept-encoding", "identity");
    return refuse(reply, compressed);
  });
  app.addHook("onSend", async ({ raw: { socket } }) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
  });
  app.addHook("onResponse", async ({ raw: { socket } }) => {
    answering.set(socket, (answering.get(socket) ?? 1) - 1);
  });
  app.server.on("checkExpectation", (_request, response) => {
    response.setHeader("connection", "close");
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.writeHead(417).end(JSON.stringify(bodyOf(unexpected)));
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

/** How many answers are on their way on a connection. */
type Answering = WeakMap<Socket, number>;

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
      return notJson;
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
function clientErrors(answering: Answering) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const busy = (answering.get(socket) ?? 0) > 0;
    if (error.code === "ECONNRESET" || !socket.writable || busy) {
      socket.destroy();
      return;
    }
    const said = errorOfClient(error.code);
    const body = JSON.stringify(bodyOf(said));
    socket.end(
      `HTTP/1.1 ${said.status} ${STATUS_CODES[said.status]}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
}

function errorOfClient(code: string | undefined): ApiError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return wrong("request_timeout", "The request took too long to arrive.", null, 408);
    case "HPE_HEADER_OVERFLOW":
      return wrong("headers_too_large", "The head of the request is too large.", null, 431);
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return wrong("payload_too_large", "The chunks of the body say too much.", null, 413);
    default:
      return wrong("bad_request", "That is no HTTP request.");
  }
}

const notJson = wrong(
  "unsupported_content_type",
  "Send JSON, with content-type: application/json.",
  null,
  415,
);
const compressed = wrong(
  "unsupported_content_encoding",
  "Compressed bodies are not taken. Send it as it is, without content-encoding.",
  null,
  415,
);
const hostless = wrong("bad_request", "The request names no host.");
const unexpected = wrong("expectation_failed", "Only expect: 100-continue is known.", null, 417);
