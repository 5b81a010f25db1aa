/**
 * What a host tells of itself, to a collector as well: OTLP over HTTP with JSON (OpenTelemetry protocol 1.x). Only loaded
 * where a plan names a collector. Who may write there is a secret of the host's: OTEL_EXPORTER_OTLP_HEADERS of its
 * environment, which the exporter reads itself.
 */
import { ExportResultCode, hrTime } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Figure } from "./figures.ts";

const TIMEOUT_MS = 10_000;

export interface Collector {
  /** Throws what the collector or the network said. */
  send(figures: readonly Figure[], now: number): Promise<void>;
  close(): Promise<void>;
}

export interface Sender {
  readonly host: string;
  readonly version: string;
  /** When the agent started, in milliseconds since the Unix epoch: what it counts itself, counts from then. */
  readonly since: number;
}

/** `url`: where the collector listens, without the path: `https://otel.example.org:4318`. */
export function collectorAt(url: string, { host, version, since }: Sender): Collector {
  const exporter = new OTLPMetricExporter({
    url: new URL("/v1/metrics", url).href,
    timeoutMillis: TIMEOUT_MS,
  });
  // Semantic conventions 1.44, resources: host and service.
  const resource = resourceFromAttributes({
    "service.name": "millwright-agent",
    "service.version": version,
    "service.instance.id": host,
    "host.name": host,
  });
  return {
    send: (figures, now) =>
      new Promise<void>((resolve, reject) => {
        const span = { startTime: hrTime(since), endTime: hrTime(now) };
        const metrics = figures.map((figure) => dataOf(figure, span));
        const scope = { name: "millwright", version };
        const all: ResourceMetrics = { resource, scopeMetrics: [{ scope, metrics }] };
        exporter.export(all, ({ code, error }) => {
          if (code === ExportResultCode.SUCCESS) resolve();
          else reject(error ?? new Error("the collector did not take it"));
        });
      }),
    close: () => exporter.shutdown(),
  };
}

function dataOf(
  { name, help, unit, ...figure }: Figure,
  span: Pick<MetricData["dataPoints"][number], "startTime" | "endTime">,
): MetricData {
  const common = {
    descriptor: { name, description: help, unit, valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (figure.kind === "histogram")
    return {
      ...common,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: figure.points.map(({ labels, counts, sum }) => ({
        ...span,
        attributes: labels,
        value: {
          buckets: { boundaries: [...figure.bounds], counts: [...counts] },
          ...{ sum, count: counts.reduce((all, count) => all + count, 0) },
        },
      })),
    };
  const dataPoints = figure.points.map(({ labels, value }) => ({
    ...span,
    ...{ attributes: labels, value },
  }));
  return figure.kind === "counter"
    ? { ...common, dataPointType: DataPointType.SUM, dataPoints, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}
