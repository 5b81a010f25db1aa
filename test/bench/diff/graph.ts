import type { FlowDemand, FlowLabel } from "@millwright/schema";
import type { FlowEdge, Graph, Place } from "../../../compiler/sovereignty/fixpoint.ts";
import { labelWith } from "../../../compiler/sovereignty/labels.ts";

const regions = ["ch", "de", "fr", "nl", "pl", "se", "uk", "us"];
const classes = ["public", "internal", "confidential"] as const;

/** A large fleet's flow with about so many edges, in which nothing leaks: what takes longest to look at. */
export function graphOf(most: number): Graph {
  const places: Place[] = [];
  const edges: FlowEdge[] = [];
  const add = (place: Place) => places.push(place) - 1;
  const data = Array.from({ length: 200 }, (_, index) => {
    const label = labelOf(index);
    return add({ kind: "data", name: `data-${index}`, demand: {}, label, redacted: label });
  });
  const demand: FlowDemand = { purposes: ["serve"] };
  const onHosts: FlowDemand = { regions: ["de"], classification: "confidential" };
  const deployments = Array.from({ length: 2000 }, (_, index) => {
    const place = add({ kind: "deployment", name: `deployment-${index}`, demand });
    for (const step of [0, 1, 2, 3])
      lead(edges, data[(index * 7 + step * 13) % data.length] ?? 0, place);
    return place;
  });
  const hubs = [1, 2].map((hub) =>
    add({
      ...{ kind: "feedback", name: `feedback at hub ${hub}` },
      demand: { regions: ["de"], purposes: ["evaluate"], keepMs: 86_400_000, away: true },
    }),
  );
  for (let index = 0; edges.length < most; index += 1) {
    const place = add({
      ...{ kind: "instance", name: `deployment-${index % 2000} on host-${index}` },
      demand: onHosts,
    });
    lead(edges, deployments[index % deployments.length] ?? 0, place);
    for (const hub of hubs) lead(edges, place, hub, true);
  }
  return { places, edges, withdrawn: new Set(["terms-0"]) };
}

function lead(edges: FlowEdge[], from: number, to: number, redacts = false): void {
  edges.push({ from, to, redacts });
}

/** All may be in Germany, and each somewhere else as well. */
function labelOf(index: number): FlowLabel {
  return labelWith({
    classification: classes[index % classes.length] ?? "public",
    residency: [
      "de",
      regions[index % regions.length] ?? "fr",
      regions[(index * 3) % regions.length] ?? "nl",
    ],
    purposes: ["serve", "evaluate", ...(index % 2 === 0 ? ["train"] : [])],
    retentionMs: (30 + (index % 5)) * 86_400_000,
    consent: index % 4 === 0 ? [`terms-${1 + (index % 9)}`] : [],
  });
}
