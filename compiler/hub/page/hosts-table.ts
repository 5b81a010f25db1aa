import { metrics, showBytes } from "@millwright/schema";
import type { HostDetail, SeriesView } from "../views.ts";
import { type Html, html } from "./html.ts";
import { ago, short } from "./words.ts";

export function hostsTable(hosts: readonly HostDetail[], enrolled: number, now: number): Html {
  if (hosts.length === 0) {
    return html`<p class="empty">No host yet. A host enrols when its definition is released.</p>`;
  }
  const more = enrolled - hosts.length;
  return html`<table>
    <thead><tr><th>Host</th><th>State</th><th>Revision</th><th>Models</th><th>CPU</th><th>Memory</th><th>Last seen</th></tr></thead>
    <tbody>${hosts.map((host) => row(host, now))}</tbody>
  </table>${more > 0 && html`<p class="empty">and ${more} more: <a href="/v1/hosts">/v1/hosts</a></p>`}`;
}

function row(host: HostDetail, now: number): Html {
  const { name, site, region, status, lastSeen, stale } = host;
  const conditions = status?.conditions ?? [];
  return html`<tr class="${stale ? "stale" : "fresh"}">
    <th scope="row"><a href="/v1/hosts/${name}">${name}</a><small>${site}, ${region}</small></th>
    <td>${stateOf(host)}${conditions.map(
      ({ code, severity, message }) =>
        html`<div class="condition ${severity}" title="${message}"><code>${code}</code> ${short(message, 120)}</div>`,
    )}</td>
    <td>${revisionOf(host)}</td>
    <td>${Object.entries(status?.deployments ?? {}).map(
      ([deployment, { model, adapter, state, ready, instances, reason }]) =>
        html`<div title="${reason ?? ""}">${deployment}: ${model}${adapter !== undefined && `+${adapter}`}
        <span class="badge ${state === "ready" ? "good" : state === "failed" ? "bad" : "busy"}">${state} ${ready}/${instances}</span></div>`,
    )}</td>
    <td>${cpu(host)}</td>
    <td>${memory(host)}</td>
    <td>${ago(lastSeen, now)}</td>
  </tr>`;
}

function stateOf({ connected, stale, status, config }: HostDetail): Html {
  if (!connected) return html`<span class="badge off">away</span>`;
  if (stale) return html`<span class="badge off">silent</span>`;
  if (config?.state === "failed") return html`<span class="badge bad">failed</span>`;
  if (status === null || status.running === null) {
    return html`<span class="badge busy">starting</span>`;
  }
  const broken = Object.values(status.deployments).some(({ state }) => state === "failed");
  if (broken || status.conditions.some(({ severity }) => severity === "error")) {
    return html`<span class="badge bad">error</span>`;
  }
  return html`<span class="badge good">running</span>`;
}

/** Three facts apart: wanted, tried, running. */
function revisionOf({ status, config }: HostDetail): Html {
  const { desired, attempted, running } = status ?? {};
  const why = attempted?.reason ?? (config?.state === "failed" ? config.message : undefined);
  return html`<span title="runs">${running?.revision ?? "–"}</span>
    ${desired && desired.revision !== running?.revision && html`<small>wanted ${desired.revision}</small>`}
    ${attempted && attempted.result !== "running" && html`<small>tried ${attempted.revision}: ${attempted.result}</small>`}
    ${why !== undefined && html`<small class="why">${short(why, 160)}</small>`}`;
}

function seriesOf({ telemetry }: HostDetail, name: string): SeriesView | undefined {
  return telemetry.series.find((series) => series.name === name);
}

function cpu(host: HostDetail): Html {
  const series = seriesOf(host, metrics.cpuUtilization.name);
  if (typeof series?.value !== "number") return html`–`;
  return html`${Math.round(series.value * 100)} % ${line(series.recent)}`;
}

function memory(host: HostDetail): Html {
  const used = seriesOf(host, metrics.memoryUsage.name)?.value;
  const limit = seriesOf(host, metrics.memoryLimit.name)?.value;
  if (typeof used !== "number") return html`–`;
  return html`${showBytes(used)}${typeof limit === "number" && html` <small>of ${showBytes(limit)}</small>`}`;
}

/** The short past of a share, as a line. */
function line(recent: readonly (number | null)[]): Html {
  const step = 60 / Math.max(1, recent.length - 1);
  const points = recent.flatMap((value, index) => {
    if (value === null) return [];
    const height = 15 - Math.min(1, Math.max(0, value)) * 14;
    return [`${(index * step).toFixed(1)},${height.toFixed(1)}`];
  });
  return html`<svg viewBox="0 0 60 16" aria-hidden="true"><polyline points="${points.join(" ")}"/></svg>`;
}
