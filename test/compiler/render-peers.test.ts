import { HostPlan, type Peer, parseHostName, readerOf } from "@millwright/schema";
import { expect, test } from "vitest";
import type { Definitions } from "../../compiler/check/check.ts";
import { renderer } from "../../compiler/render/render.ts";
import {
  definitionsOf,
  factory,
  gpuHost,
  lockOf,
  plansOf,
  provedOf,
  small,
  smallFacts,
  valueIn,
} from "./definitions-kit.ts";

const lock = lockOf({ [small.source]: smallFacts });
const read = readerOf(HostPlan);

function fleetOf(hosts: readonly ReturnType<typeof reachable>[]): Definitions {
  return definitionsOf({
    hosts: [...hosts],
    models: [small],
    factories: [factory({ triage: { replicas: hosts.length, spread: "host" } })],
  });
}

/** Hosts that all run one model. */
function planOf(name: string, hosts: readonly ReturnType<typeof reachable>[]): HostPlan {
  const definitions = fleetOf(hosts);
  const host = parseHostName(name);
  const plan = host && plansOf(definitions, lock).plans.get(host)?.plan;
  if (plan === undefined) throw new Error(`no plan for ${name}`);
  return plan;
}

const reachable = (name: string, more: object = {}) =>
  gpuHost(name, 1, { store: { address: `${name}:7430` }, ...more });
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => reachable(`h-${String(index).padStart(2, "0")}`));
const names = (peers: readonly Peer[] | undefined) => (peers ?? []).map(({ host }) => host);

test("hosts of a site that are reached and run the same model are each other's peers, with address, key and what they share", () => {
  const hosts = [
    reachable("a"),
    reachable("b"),
    gpuHost("c", 1),
    reachable("far", { site: "ams" }),
  ];
  const [a, b] = [planOf("a", hosts), planOf("b", hosts)];
  expect(a.peers).toEqual([
    { host: "b", key: b.key, address: "b:7430", blobs: Object.keys(b.blobs) },
  ]);
  expect(names(b.peers)).toEqual(["a"]);
  expect(planOf("c", hosts).peers).toBeUndefined();
  expect(planOf("far", hosts).peers).toBeUndefined();
  expect(read(a).ok).toBe(true);
});

test("in a large site each host has eight peers, and is a peer of those eight", () => {
  const hosts = many(20);
  const of = new Map(hosts.map(({ name }) => [name, names(planOf(name, hosts).peers)]));
  for (const [name, peers] of of) {
    expect(peers).toHaveLength(8);
    for (const peer of peers) expect(of.get(peer)).toContain(name);
  }
});

test("a host that comes changes the plans of its neighbours, and no other", () => {
  const before = many(20);
  const after = [...before, reachable("h-10a")];
  const changed = before
    .map(({ name }) => name)
    .filter((name) => {
      const [one, other] = [planOf(name, before), planOf(name, after)];
      return JSON.stringify(one.peers) !== JSON.stringify(other.peers);
    });
  expect(changed).toEqual(["h-07", "h-08", "h-09", "h-10", "h-11", "h-12", "h-13", "h-14"]);
});

test("what a host says of its store is in its plan, in bytes", () => {
  const store = {
    mirrors: ["https://models.fra.example.org"],
    ...{ bandwidth: "50MB", reserve: "20GiB", watermarks: { high: 0.9, low: 0.8 }, uploads: 2 },
  };
  expect(planOf("a", [gpuHost("a", 1, { store })]).store).toEqual({
    ...store,
    bandwidth: { most: 50_000_000 },
    reserve: 20 * 1024 ** 3,
  });
});

test("a plan is rendered again when only its peers have changed", () => {
  const render = renderer();
  const peersAmong = (hosts: ReturnType<typeof reachable>[]) => {
    const definitions = fleetOf(hosts);
    const { plans } = valueIn(render(definitions, valueIn(provedOf(definitions, lock))));
    return names([...plans.values()].find(({ plan }) => plan.host === "a")?.plan.peers);
  };
  expect(peersAmong([reachable("a"), reachable("b")])).toEqual(["b"]);
  expect(peersAmong([reachable("a"), reachable("b", { store: {} })])).toEqual([]);
});
