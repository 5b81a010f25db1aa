import { prometheusName } from "@millwright/schema";
import type { Figure, HistogramPoint } from "./figures.ts";

/**
 * In the text format of Prometheus, version 0.0.4: each bucket counts all that is not above its bound. The name has the
 * unit at its end, as Prometheus wants it of times.
 */
export function histogramText(
  host: string,
  { name, help, bounds, points }: Extract<Figure, { readonly kind: "histogram" }>,
): string {
  const full = `${prometheusName(name)}_seconds`;
  const lines = points.flatMap((point) => seriesOf(full, host, bounds, point));
  return `# HELP ${full} ${help}\n# TYPE ${full} histogram\n${lines.join("\n")}\n`;
}

function seriesOf(
  name: string,
  host: string,
  bounds: readonly number[],
  { labels: given, counts, sum }: HistogramPoint,
): readonly string[] {
  // Names of deployments and routes, and of hosts: letters, digits and hyphens, which need no escape.
  const labels = Object.entries({ ...given, host })
    .map(([key, text]) => `${prometheusName(key)}="${text}"`)
    .join(",");
  let below = 0;
  const lines = [...bounds, "+Inf"].map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{${labels},le="${bound}"} ${below}`;
  });
  return [...lines, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${below}`];
}
