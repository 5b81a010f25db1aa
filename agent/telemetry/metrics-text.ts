import { type AgentStatus, metrics, prometheusName } from "@millwright/schema";
import { Counter, Gauge, Registry } from "prom-client";
import type { Timing, Usage } from "../gateway/gateway.ts";
import type { EngineNumbers } from "../reconcile/reconcile.ts";
import { engineMetrics } from "./engine-points.ts";
import { histogramText } from "./histogram-text.ts";
import type { Reading } from "./sensors.ts";

/** What only grows, from the start of the machine or of the agent: rates over it are right across a restart. */
const counters: ReadonlySet<string> = new Set([
  ...["millwright_usage_requests", "millwright_usage_tokens"],
  ...[
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
]);
const helps: ReadonlyMap<string, string> = new Map(
  Object.values(metrics).map(({ name, help }) => [name, help]),
);

interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** In the text format of Prometheus, version 0.0.4. Built for each scrape: the series are those of the moment. */
export async function metricsText(
  { host, deployments, conditions, running }: AgentStatus,
  reading: Reading | undefined,
  usage: readonly Usage[],
  timings: readonly Timing[],
  engines: readonly EngineNumbers[] = [],
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ host });
  const show = (
    name: string,
    help: string,
    points: readonly Point[],
    isCounter = counters.has(name),
  ) => {
    // Without a point nothing is shown: a gauge that was never set would say 0, which is a guess.
    if (points.length === 0) return;
    const labelNames = [...new Set(points.flatMap(({ labels }) => Object.keys(labels)))];
    const options = { name: prometheusName(name), help, labelNames, registers: [registry] };
    if (isCounter) {
      const counter = new Counter(options);
      for (const { labels, value } of points) counter.inc(labels, value);
    } else {
      const gauge = new Gauge(options);
      for (const { labels, value } of points) gauge.set(labels, value);
    }
  };

  for (const [name, points] of measured(reading)) show(name, helps.get(name) ?? name, points);
  const each = Object.entries(deployments);
  const pointsOf = (count: "ready" | "instances") =>
    each.map(([deployment, { model, [count]: value }]) => ({
      labels: { deployment, model },
      value,
    }));
  show("millwright_deployment_ready", "Instances that serve.", pointsOf("ready"));
  show("millwright_deployment_instances", "Instances that the plan wants.", pointsOf("instances"));
  show("millwright_revision_running", "The revision that runs; 0 when none does.", [
    { labels: {}, value: running?.revision ?? 0 },
  ]);
  show(
    "millwright_condition",
    "Conditions that hold now.",
    conditions.map(({ code, severity, subject = "" }) => ({
      labels: { code, severity, subject },
      value: 1,
    })),
  );
  show(
    "millwright_usage_requests",
    "Answers given, by key, model asked for and deployment.",
    usage.map(({ caller, model, deployment, requests }) => ({
      labels: { caller, model, deployment },
      value: requests,
    })),
  );
  show(
    "millwright_usage_tokens",
    "Tokens read (input) and written (output), by key, model asked for and deployment.",
    usage.flatMap(({ caller, model, deployment, inputTokens, outputTokens }) => [
      { labels: { caller, model, deployment, direction: "input" }, value: inputTokens },
      { labels: { caller, model, deployment, direction: "output" }, value: outputTokens },
    ]),
  );
  for (const { name, help, isCounter, points } of engineMetrics(engines))
    show(name, help, points, isCounter);
  return (await registry.metrics()) + histogramText(host, timings);
}

/** The known values of a reading, by the name of what was measured. */
function measured(reading: Reading | undefined): ReadonlyMap<string, readonly Point[]> {
  const points = (reading?.series ?? []).map(({ name, attributes }, index) => ({
    name,
    labels: Object.fromEntries(
      Object.entries(attributes).map(([key, text]) => [prometheusName(key), text]),
    ),
    value: reading?.values[index] ?? Number.NaN,
  }));
  return Map.groupBy(
    points.filter(({ value }) => !Number.isNaN(value)),
    ({ name }) => name,
  );
}
