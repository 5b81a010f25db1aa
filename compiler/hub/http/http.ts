/**
 * The hub over HTTP: what hosts send and fetch, what people look at. WebSockets of hosts share the port.
 *
 * In: requests. Out: JSON, files, the page. Promise: hosts show a fresh token each time; viewers are let in by token,
 * or on loopback under a name of this machine; every error is `{ error: { code, message } }`; nothing sent can be
 * framed, sniffed or scripted.
 */
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { fastify } from "fastify";
import { Failure } from "../../failure.ts";
import type { Admit } from "../admit/admit.ts";
import type { Clock } from "../clock.ts";
import type { Fleet, HostView } from "../fleet/fleet.ts";
import type { Blobs, Following } from "../follow/follow.ts";
import type { Journal } from "../journal.ts";
import type { Link } from "../link/link.ts";
import type { HubMetrics } from "../metrics/metrics.ts";
import type { Service } from "../service.ts";
import type { HubLimits, HubSettings } from "../settings.ts";
import type { Store } from "../store/store.ts";
import { refuse, securityHeaders } from "./answer.ts";
import { entranceOf } from "./entrance.ts";
import { hostRoutes } from "./host-routes.ts";
import { viewRoutes } from "./view-routes.ts";
import { viewerGate } from "./viewer-gate.ts";

/** Slow handshake: nobody holds a half-open connection longer. */
const HANDSHAKE_MS = 15_000;

export interface HttpRequest {
  readonly repository: string;
  readonly startedAt: number;
  readonly listen: HubSettings["listen"];
  readonly tls: HubSettings["tls"];
  readonly viewerToken: string | undefined;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly limits: HubLimits;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly link: Link;
  readonly metrics: HubMetrics;
  readonly blobs: Blobs;
  readonly admit: Admit<HostView>;
  readonly following: () => Following;
  /** Samples or receipts of a host were set aside. */
  readonly setAside: (host: HostView, count: number) => Promise<void>;
  /** Tells people that the receipts of a host do not follow on each other. */
  readonly brokenChain: (host: HostView, counter: number, how: "gap" | "forked") => Promise<void>;
  /** Aborts when the hub stops. */
  readonly signal: AbortSignal;
  /** Told the port, once. */
  readonly listening: (port: number) => void;
}

export function httpOf(hub: HttpRequest): Service {
  const { tls } = hub;
  const serve = (listener: RequestListener) =>
    tls === undefined
      ? createServer(listener)
      : createTlsServer(
          { ...tls, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE_MS },
          listener,
        );
  const app = fastify({
    serverFactory: serve,
    logger: false,
    forceCloseConnections: true,
    // Slow bodies: nobody holds a connection longer than this.
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
  });
  app.server.on("upgrade", (request, socket, head) => {
    hub.link.upgrade(request, socket, head).catch((error: unknown) => {
      socket.destroy();
      hub.journal("error", { event: "hub/upgrade-failed", reason: String(error) });
    });
  });
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, 404, "hub/no-such-path", "There is nothing here."),
  );
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status !== undefined) {
      return refuse(reply, status, "hub/bad-request", wordsOf(error));
    }
    // Ours: the caller learns nothing of it, the journal everything.
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const { method, routeOptions } = request;
    hub.journal("error", { event: "hub/request-failed", method, path: routeOptions.url, reason });
    return refuse(reply, 500, "hub/internal", "The hub could not answer; its log says why.");
  });
  app.get<{ Params: { file: string } }>("/v1/root/:file", async ({ params }, reply) => {
    const [, version] = /^([1-9]\d{0,5})\.json$/.exec(params.file) ?? [];
    const roots = hub.following().offer?.verified.published.roots ?? [];
    const root = version === undefined ? undefined : roots[Number(version) - 1];
    // Public: a host that enrols knows its digest already and checks it.
    return root === undefined
      ? refuse(reply, 404, "hub/no-such-root", "There is no such root of trust yet.")
      : reply.type("application/json").send(root);
  });
  app.register(async (scope) => hostRoutes(scope, hub));
  app.register(async (scope) => {
    scope.addHook("onRequest", viewerGate(hub.viewerToken));
    viewRoutes(scope, hub);
  });
  return async (signal) => {
    await app.ready();
    const entrance = entranceOf(app.server, tls !== undefined, hub.clock);
    try {
      hub.listening(await entrance.listen(hub.listen));
    } catch (error) {
      const { host, port } = hub.listen;
      const message = `The hub cannot listen on ${host}:${port}: ${wordsOf(error)}. Is another one running there?`;
      throw new Failure("hub/cannot-listen", message, { cause: error });
    }
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    await entrance.close();
    await app.close();
  };
}

/** The status of an error that the caller made. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
