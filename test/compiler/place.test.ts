import { gib } from "@millwright/schema";
import { expect, test } from "vitest";
import { type Placement, place } from "../../compiler/place/place.ts";
import {
  dataset,
  definitionsOf,
  factory,
  gpuHost,
  host,
  lockOf,
  type Parts,
  small,
  smallFacts,
  valueIn,
  weighing,
} from "./definitions-kit.ts";

/** Where everything stands: `triage/0: fra-1` or `code/0: fra-3 2,3`. */
function standing({ placed }: Placement): readonly string[] {
  return placed
    .map(({ wanted, replica, host: name, gpus }) =>
      `${wanted.name}/${replica}: ${name} ${gpus.join(",")}`.trim(),
    )
    .sort();
}

function placed(parts: Parts, facts = smallFacts): readonly string[] {
  return standing(valueIn(place(definitionsOf(parts), lockOf({ [small.source]: facts }))));
}

/** The hosts that hold the replicas of a deployment, without repetition. */
function hostsOf(parts: Parts, deployment: string, facts = smallFacts): readonly string[] {
  const { placed: all } = valueIn(place(definitionsOf(parts), lockOf({ [small.source]: facts })));
  const names = all.filter(({ wanted }) => wanted.name === deployment).map((each) => each.host);
  return [...new Set(names)].sort();
}

const hosts = [
  host("fra-1", { labels: { rack: "a" } }),
  host("fra-2", { labels: { rack: "b" } }),
  host("par-1", { site: "par", region: "fr" }),
  host("zrh-1", { site: "zrh", region: "ch" }),
];

test.each([
  [{ name: "par-1" }, ["par-1"]],
  [{ site: "zrh" }, ["zrh-1"]],
  [{ region: "fr" }, ["par-1"]],
  [{ rack: "b" }, ["fra-2"]],
  [{ site: "fra", rack: "a" }, ["fra-1"]],
])("where %o is obeyed", (where, expected) => {
  const factories = [factory({ triage: { where, replicas: 3 } })];
  expect(hostsOf({ hosts, factories }, "triage")).toEqual(expected);
});

test("replicas stand on different hosts, or at different sites, when they are to be spread", () => {
  const onHosts = [factory({ triage: { replicas: 4, spread: "host" } })];
  expect(hostsOf({ hosts, factories: onHosts }, "triage")).toHaveLength(4);
  const atSites = [factory({ triage: { replicas: 3, spread: "site" } })];
  const found = hostsOf({ hosts, factories: atSites }, "triage");
  expect(found.filter((name) => name.startsWith("fra"))).toHaveLength(1);
  expect(found).toHaveLength(3);
});

test("data stays in its regions, groups of groups and circles of groups resolved", () => {
  const regions = { eu: ["west", "de"], west: ["fr", "eu"] };
  const datasets = [dataset("mail", ["eu"])];
  const factories = [factory({ triage: { replicas: 9 } }, { reads: ["mail"] })];
  const parts: Parts = { fleet: { regions }, hosts, datasets, factories };
  expect(hostsOf(parts, "triage")).not.toContain("zrh-1");
  expect(
    hostsOf({ ...parts, fleet: { regions: { eu: ["west"], west: ["fr"] } } }, "triage"),
  ).toEqual(["par-1"]);
});

test("a group that holds its own name means the region of that name too", () => {
  const datasets = [dataset("mail", ["de"])];
  const factories = [factory({ triage: {} }, { reads: ["mail"] })];
  const fleet = { regions: { de: ["de", "at"] } };
  expect(hostsOf({ fleet, hosts: hosts.slice(1), datasets, factories }, "triage")).toEqual([
    "fra-2",
  ]);
});

test("several datasets allow only the regions that all of them allow", () => {
  const datasets = [dataset("mail", ["de", "fr"]), dataset("orders", ["fr", "ch"])];
  const factories = [factory({ triage: { replicas: 6 } }, { reads: ["mail", "orders"] })];
  expect(hostsOf({ hosts, datasets, factories }, "triage")).toEqual(["par-1"]);
});

test("an adapter may stand only where the data may that it learned from", () => {
  const parts: Parts = {
    hosts,
    datasets: [dataset("mail", ["ch"])],
    adapters: [
      {
        kind: "adapter",
        name: "care",
        base: "small",
        source: "file:care.gguf",
        trainedOn: ["mail"],
      },
    ],
    factories: [factory({ bare: { replicas: 8 }, corrected: { adapter: "care", replicas: 3 } })],
  };
  const lock = lockOf({
    [small.source]: smallFacts,
    "file:care.gguf": { kind: "adapter", architecture: "llama", tensorBytes: 300_000 },
  });
  const { placed: all } = valueIn(place(definitionsOf(parts), lock));
  const of = (name: string) =>
    new Set(all.filter(({ wanted }) => wanted.name === name).map((each) => each.host));
  expect(of("corrected")).toEqual(new Set(["zrh-1"]));
  expect(of("bare").size).toBeGreaterThan(1);
});

test("an instance gets as many GPUs as it asks for, none that is full, and none on the cores", () => {
  const factories = [
    factory({
      large: { gpus: 2, replicas: 1 },
      small: { gpus: 1, replicas: 4 },
      cores: { replicas: 1 },
    }),
  ];
  // 60 GiB and what belongs to it: one instance a GPU.
  const found = placed({ hosts: [gpuHost("gpu-1", 6)], factories }, weighing(60));
  expect(found.filter((each) => each.startsWith("cores"))).toEqual(["cores/0: gpu-1"]);
  const indices = found.flatMap((each) => each.split(" ")[2]?.split(",") ?? []);
  expect(indices.sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
});

test("among GPUs with room the fullest is taken, so that a large one finds an empty one", () => {
  const gpus = [
    { model: "A", memory: "80GiB" },
    { model: "B", memory: "24GiB" },
  ];
  const factories = [factory({ triage: { gpus: 1 } })];
  expect(placed({ hosts: [host("gpu-1", { gpus })], factories })).toEqual(["triage/0: gpu-1 1"]);
});

test("what a GPU instance needs of main memory is taken from it", () => {
  const tiny = gpuHost("gpu-1", 8, { memory: "500MiB" });
  const factories = (replicas: number) => [factory({ triage: { gpus: 1, replicas } })];
  const at = (replicas: number) =>
    place(definitionsOf({ hosts: [tiny], factories: factories(replicas) }), lockOf());
  expect([at(2).ok, at(3).ok]).toEqual([true, false]);
});

test("the large are placed first, so that the small fill what is left", () => {
  const parts: Parts = {
    hosts: [host("a", { memory: gib(4) }), host("b", { memory: gib(4) })],
    models: [small, { kind: "model", name: "big", source: "file:big.gguf" }],
    factories: [factory({ aaa: { replicas: 6 }, zzz: { model: "big", replicas: 2 } })],
  };
  const lock = lockOf({ [small.source]: smallFacts, "file:big.gguf": weighing(2.9) });
  expect(standing(valueIn(place(definitionsOf(parts), lock)))).toHaveLength(8);
});

test("replicas of two deployments are mixed on a GPU where only that has room for all of them", () => {
  // 2 × 29 and 4 × 22 GiB: two large ones on a GPU leave a gap that no small one fills.
  const parts: Parts = {
    hosts: [gpuHost("gpu-1", 2)],
    models: [small, { kind: "model", name: "big", source: "file:big.gguf" }],
    factories: [
      factory({
        few: { gpus: 1, replicas: 4 },
        large: { model: "big", gpus: 1, replicas: 2 },
      }),
    ],
  };
  const lock = lockOf({ [small.source]: weighing(22), "file:big.gguf": weighing(29) });
  const found = standing(valueIn(place(definitionsOf(parts), lock)));
  expect(found.filter((each) => each.endsWith(" 0"))).toHaveLength(3);
  expect(found.filter((each) => each.startsWith("large")).map((each) => each.at(-1))).toEqual(
    expect.arrayContaining(["0", "1"]),
  );
});

test("a deployment that may stand on one host alone is not kept from it by one that may stand anywhere", () => {
  // Whatever the hashes prefer: one of these hosts is the first choice of the free one.
  for (const name of ["a", "b", "c"]) {
    const parts: Parts = {
      hosts: ["a", "b", "c"].map((each) => host(each, { memory: gib(4) })),
      models: [small, { kind: "model", name: "big", source: "file:big.gguf" }],
      factories: [factory({ free: { model: "big" }, bound: { where: { name } } })],
    };
    const lock = lockOf({ [small.source]: weighing(2), "file:big.gguf": weighing(3) });
    const found = standing(valueIn(place(definitionsOf(parts), lock)));
    expect(found).toContain(`bound/0: ${name}`);
  }
});

test("a host holds a thousand replicas of a deployment at most, as its plan can", () => {
  const fleet = [host("a", { memory: "100TiB" }), host("b", { memory: "100TiB" })];
  const factories = [factory({ triage: { replicas: 2000 } })];
  const { placed: all } = valueIn(place(definitionsOf({ hosts: fleet, factories }), lockOf()));
  const counts = [...Map.groupBy(all, (each) => each.host).values()].map(({ length }) => length);
  expect(counts).toEqual([1000, 1000]);
});
