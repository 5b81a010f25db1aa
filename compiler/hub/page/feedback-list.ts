import type { Message } from "@millwright/schema";
import type { SampleView } from "../views.ts";
import { type Html, html } from "./html.ts";
import { ago, short } from "./words.ts";

export function feedbackList(samples: readonly SampleView[], now: number): Html {
  if (samples.length === 0) return html`<p class="empty">No feedback yet.</p>`;
  return html`<table>
    <thead><tr><th>Task</th><th>Kind</th><th>What</th><th>Labels</th><th>Host</th><th>Arrived</th></tr></thead>
    <tbody>${samples.map((sample) => row(sample, now))}</tbody>
  </table>`;
}

function row(sample: SampleView, now: number): Html {
  const { task, kind, governance, plan, host, receivedAt, model } = sample;
  const labels = [
    governance.classification,
    ...(governance.residency ?? []),
    ...governance.purposes.map((purpose) => `for ${purpose}`),
  ];
  return html`<tr>
    <th scope="row">${task}<small>${plan.factory}</small></th>
    <td><span class="badge ${kind === "interaction" ? "off" : "busy"}">${kind}</span></td>
    <td class="text">${short(gist(sample), 200)}</td>
    <td>${labels.map((label) => html`<span class="label">${label}</span>`)}</td>
    <td>${host}<small>${model.name}, revision ${plan.revision}</small></td>
    <td>${ago(receivedAt, now)}</td>
  </tr>`;
}

function gist(sample: SampleView): string {
  switch (sample.kind) {
    case "interaction":
      return `${textOf(sample.body.input)} → ${textOf(sample.body.output)}`;
    case "correction":
      return textOf(sample.body.output);
    case "preference":
      return `${textOf(sample.body.chosen)} rather than ${textOf(sample.body.rejected)}`;
    case "rating":
      return `${sample.body.metric}: ${String(sample.body.value)}`;
    case "comment":
      return sample.body.text;
    case "implicit":
      return sample.body.signal;
    case "retraction":
      return `${sample.body.ids.length} samples taken back: ${sample.body.reason}`;
  }
}

function textOf(messages: readonly Message[]): string {
  return messages
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.content : `[${part.type}]`))
    .join(" ");
}
