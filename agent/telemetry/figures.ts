import { type AgentStatus, metrics } from "@millwright/schema";
import {
  buckets,
  type RouteCount,
  routeMetrics,
  type Times,
  type Timing,
  type Usage,
} from "../gateway/gateway.ts";
import type { EngineNumbers } from "../reconcile/reconcile.ts";
import { engineMetrics } from "./engine-points.ts";
import type { Reading } from "./sensors.ts";

/** One thing that is measured, with all that is known of it now. Each way out (Prometheus, OTLP) words it as it must. */
export type Figure = {
  /** A name of the OpenTelemetry semantic conventions where one exists, otherwise `millwright.…`. */
  readonly name: string;
  readonly help: string;
  /** UCUM. */
  readonly unit: string;
} & (
  | { readonly kind: "counter" | "gauge"; readonly points: readonly Point[] }
  | {
      readonly kind: "histogram";
      /** Upper bounds of the buckets; one more count than bounds is for what is beyond all of them. */
      readonly bounds: readonly number[];
      readonly points: readonly HistogramPoint[];
    }
);

export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface HistogramPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface FigureSources {
  readonly status: AgentStatus;
  readonly reading: Reading | undefined;
  readonly usage: readonly Usage[];
  readonly timings: readonly Timing[];
  readonly engines: readonly EngineNumbers[];
  /** Absent: there is no gateway. */
  readonly routes?: readonly RouteCount[];
}

/** What only grows, from the start of the machine or of the agent: rates over it are right across a restart. */
const counters: ReadonlySet<string> = new Set(
  [
    metrics.networkIo,
    metrics.diskIo,
    metrics.energy,
    metrics.hardwareErrors,
    metrics.gpuNvlink,
    metrics.requests,
    metrics.requestsFailed,
    metrics.inputTokens,
    metrics.outputTokens,
  ].map(({ name }) => name),
);
const helps: ReadonlyMap<string, string> = new Map(
  Object.values(metrics).map(({ name, help }) => [name, help]),
);
const times: Readonly<Record<keyof Times, readonly [name: string, help: string]>> = {
  duration: ["gen_ai.server.request.duration", "From a task's arrival to its last piece."],
  queue: ["millwright.gateway.queue", "How long tasks waited for their turn."],
  firstToken: [
    "gen_ai.server.time_to_first_token",
    "From a task's arrival to the first piece of its answer.",
  ],
  perToken: [
    "gen_ai.server.time_per_output_token",
    "Between one token and the next, in the mean of an answer.",
  ],
};

/** All that a host tells of itself, at this moment. What has no point is left out: a gauge that says 0 would be a guess. */
export function figuresOf(sources: FigureSources): readonly Figure[] {
  const { status, reading, usage, timings, engines, routes = [] } = sources;
  const all: readonly Figure[] = [
    ...measured(reading),
    ...ofStatus(status),
    ...ofUsage(usage),
    ...engineMetrics(engines).map(
      ({ name, help, isCounter, points }): Figure => ({
        ...{ name, help, points, unit: "1" },
        kind: isCounter ? "counter" : "gauge",
      }),
    ),
    ...ofRoutes(routes),
    ...ofTimings(timings),
  ];
  return all.filter(({ points }) => points.length > 0);
}

function ofRoutes(routes: readonly RouteCount[]): readonly Figure[] {
  return [...Map.groupBy(routes, ({ what }) => what)].map(([name, points]) => ({
    ...{ name, help: routeMetrics[name], unit: "1", points },
    kind: name === "millwright.route.breaker.open" ? "gauge" : "counter",
  }));
}

/** The known values of a reading, by the name of what was measured. */
function measured(reading: Reading | undefined): readonly Figure[] {
  const points = (reading?.series ?? []).map(({ name, unit, attributes }, index) => ({
    ...{ name, unit, labels: attributes },
    value: reading?.values[index] ?? Number.NaN,
  }));
  const known = points.filter(({ value }) => !Number.isNaN(value));
  return [...Map.groupBy(known, ({ name }) => name)].map(([name, same]) => ({
    ...{ name, help: helps.get(name) ?? name, unit: same[0]?.unit ?? "1", points: same },
    kind: counters.has(name) ? "counter" : "gauge",
  }));
}

function ofStatus({ deployments, conditions, running }: AgentStatus): readonly Figure[] {
  const gauge = (name: string, help: string, points: readonly Point[]): Figure => ({
    ...{ kind: "gauge", unit: "1", name, help, points },
  });
  const pointsOf = (count: "ready" | "instances") =>
    Object.entries(deployments).map(([deployment, { model, [count]: value }]) => ({
      labels: { deployment, model },
      value,
    }));
  const held = conditions.map(({ code, severity, subject = "" }) => ({
    labels: { code, severity, subject },
    value: 1,
  }));
  const revision = [{ labels: {}, value: running?.revision ?? 0 }];
  return [
    gauge("millwright.deployment.ready", "Instances that serve.", pointsOf("ready")),
    gauge(
      "millwright.deployment.instances",
      "Instances that the plan wants.",
      pointsOf("instances"),
    ),
    gauge("millwright.revision.running", "The revision that runs; 0 when none does.", revision),
    gauge("millwright.condition", "Conditions that hold now.", held),
  ];
}

function ofUsage(usage: readonly Usage[]): readonly Figure[] {
  return [
    {
      ...{ kind: "counter", name: "millwright.usage.requests", unit: "{request}" },
      help: "Answers given, by key, model asked for and deployment.",
      points: usage.map(({ caller, model, deployment, requests }) => ({
        labels: { caller, model, deployment },
        value: requests,
      })),
    },
    {
      ...{ kind: "counter", name: "millwright.usage.tokens", unit: "{token}" },
      help: "Tokens read (input) and written (output), by key, model asked for and deployment.",
      points: usage.flatMap(({ caller, model, deployment, inputTokens, outputTokens }) => [
        { labels: { caller, model, deployment, direction: "input" }, value: inputTokens },
        { labels: { caller, model, deployment, direction: "output" }, value: outputTokens },
      ]),
    },
  ];
}

function ofTimings(timings: readonly Timing[]): readonly Figure[] {
  return (Object.keys(times) as (keyof Times)[]).map((kind) => {
    const [name, help] = times[kind];
    return {
      ...{ kind: "histogram", name, help, unit: "s", bounds: buckets[kind] },
      points: timings.map(({ operation, model, deployment, histograms }) => ({
        labels: {
          "gen_ai.operation.name": operation,
          "gen_ai.request.model": model,
          deployment,
        },
        ...histograms[kind],
      })),
    };
  });
}
