import { prometheusName, type Series } from "@millwright/schema";
import { type HostView, isStale } from "../fleet/fleet.ts";

/** Above this many hosts the hub shows aggregates alone: ten thousand hosts would be a million lines a scrape. */
const HOSTS_SHOWN = 100;

/** Names of families that are the hub's own. */
const own = /^(millwright_hub_|process_|nodejs_)/;

/** The last values that connected hosts measured, in the text format of Prometheus. */
export function sensorText(hosts: readonly HostView[], now: number): string {
  if (hosts.length > HOSTS_SHOWN) return "";
  const families = new Map<string, Map<string, number>>();
  for (const host of hosts) {
    const { series, last } = host.telemetry;
    if (last === undefined || isStale(host, now)) continue;
    series.forEach((one, index) => {
      const value = last.values[index];
      if (value === undefined || !Number.isFinite(value)) return;
      const name = familyOf(one);
      if (name === undefined) return;
      const lines = families.get(name) ?? new Map<string, number>();
      lines.set(`${name}{${labelsOf(host.name, one)}}`, value);
      families.set(name, lines);
    });
  }
  return [...families]
    .map(([name, lines]) => {
      const values = [...lines].map(([line, value]) => `${line} ${value}\n`);
      return `# TYPE ${name} untyped\n${values.join("")}`;
    })
    .join("");
}

function familyOf({ name }: Series): string | undefined {
  const family = prometheusName(name);
  return /^[a-zA-Z_]/.test(family) && !own.test(family) ? family : undefined;
}

function labelsOf(host: string, { attributes }: Series): string {
  const labels = new Map([["host", host]]);
  for (const [key, value] of Object.entries(attributes)) {
    const name = prometheusName(key);
    if (/^[a-zA-Z_]/.test(name) && !labels.has(name)) labels.set(name, value);
  }
  return [...labels].map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
