import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AgentStatus, prometheusName } from "@millwright/schema";
import { Gauge, Registry } from "prom-client";
import { Failure, type Service } from "../life/life.ts";
import type { Reading } from "./sensors.ts";

export interface LocalApiOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly status: () => AgentStatus;
  readonly reading: () => Reading | undefined;
  /** Called once with `host:port`, when it answers. */
  readonly ready: (address: string) => Promise<void>;
}

/** For this machine alone: `/status`, `/metrics`, `/healthz`. */
export function localApi({ listen, status, reading, ready }: LocalApiOptions): Service {
  return async (signal) => {
    const server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000 },
      (request, response) => {
        void answer(request, response, status, reading);
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) => {
        reject(
          new Failure(
            "telemetry/port-taken",
            `The agent's local address ${listen.host}:${listen.port} cannot be used (${cause.code}). Choose another with --local.`,
            { cause },
          ),
        );
      });
      server.listen(listen.port, listen.host, resolve);
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : listen.port;
    await ready(`${listen.host}:${port}`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: () => AgentStatus,
  reading: () => Reading | undefined,
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
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? ""))
    return say(421, "text/plain", "Ask by a loopback address.\n");
  if (request.method !== "GET") return say(405, "text/plain", "Only GET.\n");
  switch (request.url) {
    case "/status":
      return say(200, "application/json", JSON.stringify(status()));
    case "/healthz":
      return say(200, "text/plain", "ok\n");
    case "/metrics":
      return say(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        await metricsText(status(), reading()),
      );
    default:
      return say(404, "text/plain", "There are /status, /metrics and /healthz.\n");
  }
}

/** Built for each scrape: the series are those of the moment. */
async function metricsText(
  { host, deployments, conditions, running }: AgentStatus,
  reading: Reading | undefined,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ host });
  const gauge = (name: string, help: string, labels: readonly string[]) =>
    new Gauge({ name, help, labelNames: labels, registers: [registry] });
  const byName = Map.groupBy(
    (reading?.series ?? []).map((series, index) => ({
      series,
      value: reading?.values[index] ?? Number.NaN,
    })),
    ({ series }) => series.name,
  );
  for (const [name, entries] of byName) {
    const labels = [...new Set(entries.flatMap(({ series }) => Object.keys(series.attributes)))];
    const own = gauge(
      prometheusName(name),
      `${name} in ${entries[0]?.series.unit}`,
      labels.map(prometheusName),
    );
    for (const { series, value } of entries) {
      if (Number.isNaN(value)) continue;
      own.set(
        Object.fromEntries(
          Object.entries(series.attributes).map(([key, text]) => [prometheusName(key), text]),
        ),
        value,
      );
    }
  }
  const ready = gauge("millwright_deployment_ready", "Instances that serve.", [
    "deployment",
    "model",
  ]);
  const wanted = gauge("millwright_deployment_instances", "Instances that the plan wants.", [
    "deployment",
    "model",
  ]);
  for (const [deployment, { model, ready: count, instances }] of Object.entries(deployments)) {
    ready.set({ deployment, model }, count);
    wanted.set({ deployment, model }, instances);
  }
  gauge("millwright_revision_running", "The revision that runs; 0 when none does.", []).set(
    running?.revision ?? 0,
  );
  const held = gauge("millwright_condition", "Conditions that hold now.", [
    "code",
    "severity",
    "subject",
  ]);
  for (const { code, severity, subject = "" } of conditions)
    held.set({ code, severity, subject }, 1);
  return registry.metrics();
}
