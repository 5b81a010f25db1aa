import { prometheusName } from "@millwright/schema";
import { Counter, Gauge, Registry } from "prom-client";
import { type Figure, type FigureSources, figuresOf } from "./figures.ts";
import { histogramText } from "./histogram-text.ts";

/** In the text format of Prometheus, version 0.0.4. Built for each scrape: the series are those of the moment. */
export async function metricsText(sources: FigureSources): Promise<string> {
  const { host } = sources.status;
  const figures = figuresOf(sources);
  const registry = new Registry();
  registry.setDefaultLabels({ host });
  for (const figure of figures) if (figure.kind !== "histogram") show(registry, figure);
  const histograms = figures.filter((figure) => figure.kind === "histogram");
  return (await registry.metrics()) + histograms.map((each) => histogramText(host, each)).join("");
}

function show(
  registry: Registry,
  { name, help, kind, points }: Extract<Figure, { readonly kind: "counter" | "gauge" }>,
): void {
  const named = points.map(({ labels, value }) => ({
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, text]) => [prometheusName(key), text]),
    ),
    value,
  }));
  const labelNames = [...new Set(named.flatMap(({ labels }) => Object.keys(labels)))];
  const options = { name: prometheusName(name), help, labelNames, registers: [registry] };
  if (kind === "counter") {
    const counter = new Counter(options);
    for (const { labels, value } of named) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(options);
    for (const { labels, value } of named) gauge.set(labels, value);
  }
}
