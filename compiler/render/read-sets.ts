import { type Digest, digestOf } from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";
import type { AgentsOf } from "../lock/lock.ts";
import { adaptersOf, datasetsOf, type Placed, type Wanted } from "../place/place.ts";

import type { NeighboursOf } from "./neighbours.ts";
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

/** What a plan says of other hosts, and of the agent. */
export interface Around {
  readonly peersOf: PeersOf;
  readonly neighboursOf: NeighboursOf;
  readonly agentsOf: AgentsOf;
}

/**
 * The read-sets of a compilation. A plan reads its host, what the fleet says to all, and for each deployment on the host:
 * the factory with all its data and adapters, the model, and what the lock says of the files; and the peers, with what they share.
 */
export function readSets(
  definitions: Definitions,
  contents: Contents,
  { peersOf, neighboursOf, agentsOf }: Around,
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
    const around = neighboursOf(host.value.name);
    // Of what is passed on the plan holds the factory's rules, and the proof the labels of its data.
    const passed = new Set(Object.values(around.elsewhere ?? {}).map(({ factory }) => factory));
    const rules = [...passed].map((name) => factoryRead(definitions, name, contents));
    const neighbours = JSON.stringify([around, ...rules]);
    return [common, contents(host), peers, neighbours, agents, ...places].join("\n");
  };
}

function readsOf(definitions: Definitions, wanted: Wanted, contents: Contents): string {
  const { model, adapter } = wanted.deployment;
  const found = definitions.models.get(model);
  const used = [wanted.model, wanted.adapter, ...wanted.adapters.values()];
  const locked = used.map((each) => [each?.digest, each?.size]);
  return JSON.stringify([
    wanted.name,
    wanted.fit.total,
    adapter,
    locked,
    found && contents(found),
    ...factoryRead(definitions, wanted.factory, contents),
  ]);
}

/** What a plan reads of a factory: itself, all its adapters and all its data. */
function factoryRead(
  definitions: Definitions,
  name: string,
  contents: Contents,
): readonly (string | undefined)[] {
  const factory = definitions.factories.get(name);
  const used = Object.values(factory?.value.deployments ?? {}).flatMap(adaptersOf);
  const read = [
    factory,
    ...used.map((each) => definitions.adapters.get(each)),
    ...datasetsOf(definitions, name, used),
  ];
  return read.map((each) => (each === undefined ? undefined : contents(each)));
}
