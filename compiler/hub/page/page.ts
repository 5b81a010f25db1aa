/**
 * The hub's page: hosts, revisions, feedback, events.
 *
 * In: views. Out: one HTML document. Promise: everything is escaped; no script, no style but the stylesheet;
 * what is old is shown as old.
 */

import type { StoredEvent } from "../store/store.ts";
import type { HostDetail, HubAnswer, RevisionView, SampleView } from "../views.ts";
import { feedbackList } from "./feedback-list.ts";
import { hostsTable } from "./hosts-table.ts";
import { type Html, html } from "./html.ts";
import { ago, short } from "./words.ts";

export interface PageRequest {
  readonly now: number;
  readonly hub: HubAnswer;
  readonly hosts: readonly HostDetail[];
  readonly revisions: readonly RevisionView[];
  readonly samples: readonly SampleView[];
  readonly counts: { readonly samples: number; readonly quarantined: number };
  readonly events: readonly StoredEvent[];
}

export function pageOf({
  now,
  hub,
  hosts,
  revisions,
  samples,
  counts,
  events,
}: PageRequest): string {
  const fleet = hub.revision?.fleet ?? "no fleet yet";
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="refresh" content="5">
  <title>${fleet} · Millwright</title>
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <header>
    <h1>${fleet}</h1>
    <p>${summary(hub)}</p>
  </header>
  ${hub.troubles.map(
    ({ code, message, commit, since }) =>
      html`<p class="trouble" role="alert"><code>${code}</code> ${message}
      <small>${commit !== undefined && `at ${commit.slice(0, 12)}, `}${ago(since, now)}; the last good revision stays.</small></p>`,
  )}
  <main>
    <section><h2>Hosts</h2>${hostsTable(hosts, hub.hosts.enrolled, now)}</section>
    <section><h2>Revisions</h2>${revisionsTable(revisions, hub, now)}</section>
    <section><h2>Feedback</h2>
      <p class="empty">${counts.samples} samples kept${counts.quarantined > 0 && `, ${counts.quarantined} set aside`}.</p>
      ${feedbackList(samples, now)}</section>
    <section><h2>Events</h2>${eventsList(events, now)}</section>
  </main>
  <footer>follows ${hub.repository} · <a href="/v1/hub">/v1/hub</a> · <a href="/metrics">/metrics</a> · <a href="/healthz">/healthz</a></footer>
</body>
</html>
`;
  return markup;
}

function summary({ state, revision, hosts }: HubAnswer): Html {
  const mood = { ok: "good", degraded: "busy", failing: "bad" }[state];
  return html`<span class="badge ${mood}">${state}</span>
    ${revision === null ? "no revision is offered" : `revision ${revision.number}`} ·
    ${hosts.present} of ${hosts.enrolled} hosts present`;
}

function revisionsTable(revisions: readonly RevisionView[], hub: HubAnswer, now: number): Html {
  if (revisions.length === 0) {
    return html`<p class="empty">Nothing has been released. Run <code>millwright release</code>.</p>`;
  }
  return html`<table>
    <thead><tr><th>Number</th><th>Commit</th><th>Root</th><th>Signed by</th><th>Runs on</th><th>Verified</th></tr></thead>
    <tbody>${revisions.map(
      ({ number, commit, root, signers, hosts, running, verifiedAt }) => html`<tr>
      <th scope="row">${number}${number === hub.revision?.number && html` <span class="badge good">offered</span>`}</th>
      <td><code title="${commit}">${commit.slice(0, 12)}</code></td>
      <td><code title="${root}">${root.slice(0, 12)}</code></td>
      <td>${signers.map((key) => html`<code title="${key}">${short(key.replace("ed25519:", ""), 12)}</code> `)}</td>
      <td title="${running.join(", ")}">${running.length} of ${hosts}</td>
      <td>${ago(verifiedAt, now)}</td>
    </tr>`,
    )}</tbody>
  </table>`;
}

function eventsList(events: readonly StoredEvent[], now: number): Html {
  if (events.length === 0) return html`<p class="empty">Nothing has happened.</p>`;
  return html`<ul class="events">${events.map(
    ({ at, severity, code, host, message }) =>
      html`<li class="${severity}"><time>${ago(at, now)}</time> <code>${code}</code> ${host !== null && html`<b>${host}</b>`} ${short(message, 240)}</li>`,
  )}</ul>`;
}
