import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { getBuiltinModule } from "node:process";
import type { AgentStatus } from "@millwright/schema";
import { Failure, type Service } from "../life/life.ts";
import { type ApplyDoor, applyRoute } from "./apply-route.ts";
import type { FigureSources } from "./figures.ts";

export interface LocalApiOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly status: () => AgentStatus;
  /** All that is measured now. */
  readonly measured: (signal: AbortSignal) => Promise<FigureSources>;
  /** Called once with `host:port`, when it answers. */
  readonly ready: (address: string) => Promise<void>;
  /** Takes bundles from a disk; absent: none are taken. */
  readonly door?: ApplyDoor;
}

// An import would read every export, and one of them loads fetch and its 5 MB.
const { createServer } = getBuiltinModule("node:http");

/** For this machine alone: `/status`, `/metrics`, `/healthz`; and `/apply`, for who can read the state folder. */
export function localApi(options: LocalApiOptions): Service {
  return async (signal) => {
    const fault = Promise.withResolvers<never>();
    // It is waited for below, once the address has been told.
    fault.promise.catch(() => undefined);
    const answering = new Set<Promise<void>>();
    const server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000 },
      (request, response) => {
        const answered = answer(request, response, options, signal)
          .catch((error: unknown) => {
            // An error of ours: the one who asked is told that there is one, and the service ends with it.
            if (!response.headersSent) response.writeHead(500);
            response.end();
            fault.reject(error);
          })
          .finally(() => answering.delete(answered));
        answering.add(answered);
      },
    );
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    try {
      await options.ready(await listening(server, options.listen));
      await Promise.race([stopped, fault.promise]);
    } finally {
      server.closeIdleConnections();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      // A bundle that is being taken ends before the state folder is left.
      await Promise.all(answering);
    }
  };
}

async function listening(
  server: Server,
  { host, port }: LocalApiOptions["listen"],
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const message = `The agent's local address ${host}:${port} cannot be used (${cause.code}). Choose another with --local.`;
      reject(new Failure("telemetry/port-taken", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("impossible: no port");
  return `${address.family === "IPv6" ? `[${host}]` : host}:${address.port}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, measured, door }: LocalApiOptions,
  signal: AbortSignal,
): Promise<void> {
  const say = (code: number, type: string, body: string) => {
    response.writeHead(code, {
      "content-type": type,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    response.end(body);
  };
  // DNS rebinding: a web page must not read this through a name of its own.
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(request.headers.host ?? ""))
    return say(421, "text/plain", "Ask by a loopback address.\n");
  if (door !== undefined && request.method === "POST" && request.url === "/apply")
    return applyRoute(request, response, door, signal);
  if (request.method !== "GET") return say(405, "text/plain", "Only GET.\n");
  switch (request.url?.split("?")[0]) {
    case "/status":
      return say(200, "application/json", JSON.stringify(status()));
    case "/healthz":
      return say(200, "text/plain", "ok\n");
    case "/metrics": {
      // Many hosts are never scraped: they need not hold a Prometheus library.
      const { metricsText } = await import("./metrics-text.ts");
      return say(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        await metricsText(await measured(signal)),
      );
    }
    default:
      return say(404, "text/plain", "There are /status, /metrics and /healthz.\n");
  }
}
