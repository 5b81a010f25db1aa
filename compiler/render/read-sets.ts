import { type Digest, digestOf } from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";
import type { AgentsOf } from "../lock/lock.ts";
import { datasetsOf, type Placed, type Wanted } from "../place/place.ts";

import type { PeersOf } from "./peers.ts";

/** Writes down what the plan of a host is made from: where two texts are the same, so are the plans, to the byte. */
export type ReadSetOf = (host: Found<"host">, here: readonly Placed[]) => string;

/** What a definition says, found once. */
export type Contents = (found: { readonly value: object }) => string;

export function newContents(): Contents {
  const known = new WeakMap<object, string>();
  return (found) => {
    const content = known.get(found) ?? JSON.stringify(found.value);
    known.set(found, content);
    return content;
  };
}

/**
 * The read-sets of a compilation. A plan reads its host, what the fleet says to all, and for each deployment on the host:
 * the factory with all its data and adapters, the model, and what the lock says of the files; and the peers, with what they share.
 */
export function readSets(
  definitions: Definitions,
  contents: Contents,
  peersOf: PeersOf,
  agentsOf: AgentsOf,
): ReadSetOf {
  const { hubs, telemetry, freeze, regions, withdrawn } = definitions.fleet.value;
  const { hold, retired, maxStaleness } = definitions.fleet.value;
  const said = [hubs, telemetry, freeze, regions, withdrawn, hold, retired, maxStaleness];
  const common = JSON.stringify(said);
  const known = new Map<Wanted, Digest>();
  const readBy = (wanted: Wanted): Digest => {
    const digest = known.get(wanted) ?? digestOf(readsOf(definitions, wanted, contents));
    known.set(wanted, digest);
    return digest;
  };
  return (host, here) => {
    const places = here.map((each) => `${readBy(each.wanted)} ${each.replica} ${each.gpus}`);
    const peers = JSON.stringify(peersOf(host.value.name));
    const agents = JSON.stringify(agentsOf(host.value));
    return [common, contents(host), peers, agents, ...places].join("\n");
  };
}

function readsOf(definitions: Definitions, wanted: Wanted, contents: Contents): string {
  const factory = definitions.factories.get(wanted.factory);
  const { model, adapter } = wanted.deployment;
  const used = Object.values(factory?.value.deployments ?? {}).map((each) => each.adapter);
  const datasets = [undefined, ...used].flatMap((each) =>
    datasetsOf(definitions, wanted.factory, each),
  );
  const read = [
    factory,
    definitions.models.get(model),
    ...used.map((each) => definitions.adapters.get(each ?? "")),
    ...datasets,
  ];
  const locked = [wanted.model, wanted.adapter].map((each) => [each?.digest, each?.size]);
  return JSON.stringify([
    wanted.name,
    wanted.fit.total,
    adapter,
    locked,
    ...read.map((each) => (each === undefined ? undefined : contents(each))),
  ]);
}
