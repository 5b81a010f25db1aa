import {
  type FlowDemand,
  type FlowLabel,
  type Host,
  hubUrl,
  isLoopback,
  parseDuration,
} from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";
import { adaptersOf, type Placed, type Placement, regionsOf } from "../place/place.ts";
import type { Relay } from "../relay/relay.ts";
import type { FlowEdge, Graph } from "./fixpoint.ts";
import { labelWith } from "./labels.ts";

/** A place, and the definitions that make it one. */
export type FlowPlace = {
  readonly name: string;
  readonly demand: FlowDemand;
} & (
  | {
      readonly kind: "data";
      readonly label: FlowLabel;
      readonly redacted: FlowLabel;
      /** Absent: what callers send to a factory that declares no data. */
      readonly dataset?: Found<"dataset">;
    }
  | { readonly kind: "adapter"; readonly adapter: Found<"adapter"> }
  | { readonly kind: "deployment"; readonly factory: Found<"factory">; readonly deployment: string }
  | { readonly kind: "instance"; readonly host: Found<"host">; readonly placed: Placed }
  /** A host through which tasks of a deployment go that others answer. */
  | { readonly kind: "relay"; readonly host: Found<"host">; readonly deployment: string }
  | { readonly kind: "feedback"; readonly factory: Found<"factory">; readonly hub: string }
);

/** Where all data of a fleet can go. Closed and finite: agents send nothing to a place that is not in it. */
export interface Flow extends Graph {
  readonly places: readonly FlowPlace[];
  /** Of each host, its instances and what it passes on: indices into `places`. */
  readonly onHost: ReadonlyMap<string, readonly number[]>;
}

/** What work with no declared data is taken for: not public, and not for training. */
export const undeclared: FlowLabel = {
  classification: "internal",
  purposes: ["serve", "monitor", "evaluate"],
};

/**
 * The flow of a fleet: data → adapters → deployments → instances on hosts → feedback at hubs; and, for what hosts pass on
 * to others, deployments → hosts.
 */
export function flowOf(
  definitions: Definitions,
  { placed }: Placement,
  relays: readonly Relay[] = [],
): Flow {
  const places: FlowPlace[] = [];
  const edges: FlowEdge[] = [];
  const add = (place: FlowPlace) => places.push(place) - 1;
  const lead = (from: number, to: number, redacts = false) => edges.push({ from, to, redacts });

  const data = new Map<string, number>();
  const dataAt = (name: string) => {
    const dataset = definitions.datasets.get(name);
    if (dataset === undefined) throw new Error(`impossible: the reference to ${name} has passed`);
    const index = data.get(name) ?? add(dataPlace(definitions, dataset));
    data.set(name, index);
    return index;
  };
  const adapters = new Map<string, number>();
  for (const [name, adapter] of definitions.adapters) {
    const from = (adapter.value.trainedOn ?? []).map(dataAt);
    // One that learned from nothing that is declared is as free as the model under it.
    if (from.length === 0) continue;
    const index = add({ kind: "adapter", name, demand: { purposes: ["train"] }, adapter });
    adapters.set(name, index);
    for (const source of from) lead(source, index);
  }
  const deployments = new Map<string, number>();
  for (const [factoryName, factory] of definitions.factories) {
    const { reads = [], deployments: written } = factory.value;
    const read = reads.length > 0 ? reads.map(dataAt) : [add(undeclaredPlace(factoryName))];
    for (const [name, deployment] of Object.entries(written)) {
      const demand: FlowDemand = { purposes: ["serve"] };
      const index = add({ kind: "deployment", name, demand, factory, deployment: name });
      deployments.set(name, index);
      for (const source of read) lead(source, index);
      for (const adapter of adaptersOf(deployment)) {
        const learned = adapters.get(adapter);
        if (learned !== undefined) lead(learned, index);
      }
    }
  }
  const onHost = new Map<string, number[]>();
  const standsOn = (host: string, index: number) => {
    const here = onHost.get(host);
    if (here === undefined) onHost.set(host, [index]);
    else here.push(index);
  };
  const hubs = hubsOf(definitions);
  const stores = new Map<string, number>();
  const instances = new Set<string>();
  /** What is kept of the work of a factory goes from a host, where callers reach it, to every hub. */
  const keeps = (from: number, factory: Found<"factory">, { value: host }: Found<"host">) => {
    const { feedback } = factory.value;
    if (feedback === undefined) return;
    for (const hub of hubs) {
      const place = `feedback of ${factory.value.name} at ${hub.url}${hub.local ? ` on ${host.name}` : ""}`;
      const known = stores.get(place);
      const keepMs = parseDuration(feedback.keep);
      const store =
        known ??
        add({
          ...{ kind: "feedback", name: place, factory, hub: hub.url },
          demand: {
            ...(hub.clearance !== undefined && { classification: hub.clearance }),
            regions: hub.local ? [host.region] : hub.regions,
            purposes: ["evaluate"],
            ...(keepMs !== undefined && { keepMs }),
            ...(!hub.local && { away: true as const }),
          },
        });
      stores.set(place, store);
      lead(from, store, feedback.redact === "personal");
    }
  };
  const demandOf = hostDemands();
  for (const each of placed) {
    const { wanted, host: hostName } = each;
    const host = definitions.hosts.get(hostName);
    const factory = definitions.factories.get(wanted.factory);
    const from = deployments.get(wanted.name);
    if (host === undefined || factory === undefined || from === undefined)
      throw new Error(`impossible: ${wanted.name} on ${hostName} has been placed`);
    const name = `${wanted.name} on ${hostName}`;
    // Replicas on one host hold the same data.
    if (instances.has(name)) continue;
    instances.add(name);
    const demand = demandOf(host.value);
    const index = add({ kind: "instance", name, demand, host, placed: each });
    lead(from, index);
    standsOn(hostName, index);
    keeps(index, factory, host);
  }
  for (const { host: hostName, factory: factoryName, deployment } of relays) {
    const host = definitions.hosts.get(hostName);
    const factory = definitions.factories.get(factoryName);
    const from = deployments.get(deployment);
    if (host === undefined || factory === undefined || from === undefined)
      throw new Error(`impossible: ${hostName} passes on ${deployment}`);
    // Of what runs there as well, the instance is the place of its data.
    if (instances.has(`${deployment} on ${hostName}`)) continue;
    const name = `${deployment} through ${hostName}`;
    const index = add({ kind: "relay", name, demand: demandOf(host.value), host, deployment });
    lead(from, index);
    standsOn(hostName, index);
    keeps(index, factory, host);
  }
  return { places, edges, onHost, withdrawn: new Set(definitions.fleet.value.withdrawn) };
}

function dataPlace({ fleet }: Definitions, dataset: Found<"dataset">): FlowPlace {
  const { name, classification, residency, purposes, retention, redact, redacted, consent } =
    dataset.value;
  const groups = fleet.value.regions ?? {};
  const common = {
    purposes,
    consent,
    retentionMs: retention === undefined ? undefined : parseDuration(retention),
  };
  return {
    ...{ kind: "data", name, demand: {}, dataset },
    label: labelWith({
      ...common,
      classification,
      residency: regionsOf(residency, groups),
      redact: redact === "personal",
    }),
    redacted: labelWith({
      ...common,
      classification: redacted?.classification ?? classification,
      residency: regionsOf(redacted?.residency ?? residency, groups),
    }),
  };
}

function undeclaredPlace(factory: string): FlowPlace {
  const name = `tasks of ${factory}`;
  return { kind: "data", name, demand: {}, label: undeclared, redacted: undeclared };
}

/** What a host asks of data that comes to it. */
export function demandOn({ region, clearance }: Pick<Host, "region" | "clearance">): FlowDemand {
  return { ...(clearance !== undefined && { classification: clearance }), regions: [region] };
}

/** What hosts ask of data: the same object for the same demand, so that it is held against a label once. */
function hostDemands(): (host: Host) => FlowDemand {
  const known = new Map<string, FlowDemand>();
  return (host) => {
    const key = `${host.region} ${host.clearance}`;
    const demand = known.get(key) ?? demandOn(host);
    known.set(key, demand);
    return demand;
  };
}

interface HubPlace {
  readonly url: string;
  /** It is on the host itself, wherever that stands. */
  readonly local: boolean;
  readonly regions: string[];
  readonly clearance: FlowLabel["classification"] | undefined;
}

function hubsOf({ fleet }: Definitions): readonly HubPlace[] {
  return fleet.value.hubs.map((hub) => {
    const url = hubUrl(hub);
    const { region, clearance } = typeof hub === "string" ? {} : hub;
    return {
      ...{ url, clearance },
      local: region === undefined && isLoopback(URL.parse(url)?.hostname ?? ""),
      regions: region === undefined ? [] : [region],
    };
  });
}
