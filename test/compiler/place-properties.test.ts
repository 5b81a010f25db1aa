import { type Deployment, type Host, parseBytes } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Definitions } from "../../compiler/check/check.ts";
import { type Placed, place } from "../../compiler/place/place.ts";
import {
  dataset,
  definitionsOf,
  factory,
  host,
  lockOf,
  type Parts,
  valueIn,
} from "./definitions-kit.ts";

const regions = ["de", "fr", "ch"];
const memory = fc.constantFrom("512MiB", "1GiB", "3GiB", "8GiB");
const gpus = fc.array(
  fc.record({ model: fc.constant("A"), memory, count: fc.integer({ min: 1, max: 4 }) }),
  { maxLength: 2 },
);

const fleetOfHosts: fc.Arbitrary<readonly Host[]> = fc
  .array(
    fc.record({
      memory,
      gpus,
      region: fc.constantFrom(...regions),
      site: fc.constantFrom("x", "y", "z"),
      labels: fc.record({ rack: fc.constantFrom("a", "b") }),
      clearance: fc.constantFrom("internal" as const, "confidential" as const),
    }),
    { minLength: 2, maxLength: 8 },
  )
  // What `where` asks for is there: that no host has it is refused by check.
  .map(([first, ...others]) => [{ ...first, site: "x", labels: { rack: "a" } }, ...others])
  .map((all) => all.map((fields, index) => host(`host-${index}`, fields)));

const deployment: fc.Arbitrary<Partial<Deployment>> = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 4 }),
    context: fc.integer({ min: 64, max: 100_000 }),
    gpus: fc.constantFrom(0, 0, 0, 1, 2),
    where: fc.constantFrom<Record<string, string>>({ rack: "a" }, { site: "x" }, {}, {}, {}),
    spread: fc.constantFrom<"host" | "site">("host", "site"),
    antiAffinity: fc.subarray(["d-0", "d-1", "d-2"], { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);

const parts: fc.Arbitrary<Parts> = fc
  .record({
    hosts: fleetOfHosts,
    residencies: fc.array(fc.subarray(regions, { minLength: 2 }), { maxLength: 2 }),
    deployments: fc.array(deployment, { minLength: 1, maxLength: 5 }),
  })
  .map(({ hosts, residencies, deployments }) => ({
    fleet: { regions: { all: regions } },
    hosts,
    datasets: residencies.map((residency, index) =>
      dataset(`data-${index}`, residency, {
        classification: index === 0 ? "internal" : "confidential",
      }),
    ),
    factories: [
      factory(
        Object.fromEntries(deployments.map((each, index) => [`d-${index}`, others(each, index)])),
        {
          reads: residencies.map((_, index) => `data-${index}`),
        },
      ),
    ],
  }));

/** None is kept apart from itself: check refuses that. */
function others(deployment: Partial<Deployment>, index: number): Partial<Deployment> {
  const { antiAffinity, ...rest } = deployment;
  const apart = antiAffinity?.filter((name) => name !== `d-${index}`) ?? [];
  return apart.length === 0 ? rest : { ...rest, antiAffinity: apart };
}

/** What one instance takes of main memory and of each of its GPUs is never more than there is, summed over a host. */
function overfull(hosts: readonly Host[], placed: readonly Placed[]): readonly string[] {
  return hosts.flatMap((each) => {
    const here = placed.filter(({ host: name }) => name === each.name);
    const main = here.reduce(
      (sum, { wanted: { fit }, gpus: taken }) =>
        sum + (taken.length === 0 ? fit.total : fit.beside),
      0,
    );
    const sizes = (each.gpus ?? []).flatMap(({ memory: size, count = 1 }) =>
      Array<string | number>(count).fill(size),
    );
    const used = sizes.map((_, index) =>
      here
        .filter(({ gpus: taken }) => taken.includes(index))
        .reduce(
          (sum, { wanted: { fit }, gpus: taken }) => sum + Math.ceil(fit.total / taken.length),
          0,
        ),
    );
    return [
      ...(main > (parseBytes(each.memory) ?? 0) ? [`${each.name} main`] : []),
      ...used.flatMap((bytes, index) =>
        bytes > (parseBytes(sizes[index] ?? 0) ?? 0) ? [`${each.name} ${index}`] : [],
      ),
    ];
  });
}

test("no memory is ever given twice, no GPU is invented, and every replica has what it asked for", () => {
  fc.assert(
    fc.property(parts, (given) => {
      const stage = place(definitionsOf(given), lockOf());
      fc.pre(stage.ok);
      const { placed } = stage.value;
      expect(overfull(given.hosts ?? [], placed)).toEqual([]);
      for (const [wanted, replicas] of Map.groupBy(placed, (each) => each.wanted)) {
        expect(replicas.map(({ replica }) => replica)).toEqual([
          ...Array(wanted.deployment.replicas ?? 1).keys(),
        ]);
        expect(
          replicas.every((each) => new Set(each.gpus).size === (wanted.deployment.gpus ?? 0)),
        ).toBe(true);
        if (wanted.deployment.spread === "host")
          expect(new Set(replicas.map((each) => each.host)).size).toBe(replicas.length);
      }
    }),
    { numRuns: 200 },
  );
});

test("nothing is ever placed outside the residency of its data, or against where", () => {
  fc.assert(
    fc.property(parts, (given) => {
      const stage = place(definitionsOf(given), lockOf());
      fc.pre(stage.ok);
      const hosts = new Map(given.hosts?.map((each) => [each.name, each]));
      for (const { wanted, host: name } of stage.value.placed) {
        const { region = "", site, labels } = hosts.get(name) ?? {};
        for (const data of given.datasets ?? []) expect(data.residency).toContain(region);
        expect({ site, ...labels }).toMatchObject(wanted.deployment.where ?? {});
      }
    }),
    { numRuns: 200 },
  );
});

test("nothing stands beside what it is kept apart from, whichever of the two says so", () => {
  let kept = 0;
  fc.assert(
    fc.property(parts, (given) => {
      const stage = place(definitionsOf(given), lockOf());
      fc.pre(stage.ok);
      for (const here of Map.groupBy(stage.value.placed, (each) => each.host).values()) {
        const names = new Set(here.map(({ wanted }) => wanted.name));
        for (const { wanted } of here) {
          const apart = wanted.deployment.antiAffinity ?? [];
          kept += apart.length;
          expect(apart.filter((name) => names.has(name))).toEqual([]);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(kept).toBeGreaterThan(50);
});

test("nothing is placed on a host that may not hold the most secret of its data", () => {
  let cleared = 0;
  fc.assert(
    fc.property(parts, (given) => {
      const stage = place(definitionsOf(given), lockOf());
      fc.pre(stage.ok);
      const isSecret = given.datasets?.some((each) => each.classification === "confidential");
      const hosts = new Map(given.hosts?.map((each) => [each.name, each]));
      for (const { host: name } of stage.value.placed) {
        if (!isSecret) continue;
        cleared += 1;
        expect(hosts.get(name)?.clearance).toBe("confidential");
      }
    }),
    { numRuns: 200 },
  );
  expect(cleared).toBeGreaterThan(20);
});

test("the order in which definitions are found changes nothing, neither places nor problems", () => {
  fc.assert(
    fc.property(parts, fc.infiniteStream(fc.nat()), (given, chance) => {
      const definitions = definitionsOf(given);
      const once = place(definitions, lockOf());
      const again = place(shuffled(definitions, chance), lockOf());
      expect(outcome(again)).toEqual(outcome(once));
    }),
    { numRuns: 100 },
  );
});

function shuffled(definitions: Definitions, chance: Iterator<number>): Definitions {
  const mixed = <V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> =>
    new Map(
      [...map]
        .map((entry) => ({ entry, key: Number(chance.next().value) }))
        .sort((a, b) => a.key - b.key)
        .map(({ entry }) => entry),
    );
  return {
    ...definitions,
    hosts: mixed(definitions.hosts),
    models: mixed(definitions.models),
    datasets: mixed(definitions.datasets),
    factories: new Map(
      [...definitions.factories].map(([name, { value, ...found }]) => {
        const deployments = Object.fromEntries(mixed(new Map(Object.entries(value.deployments))));
        return [name, { ...found, value: { ...value, deployments } }];
      }),
    ),
  };
}

function outcome(stage: ReturnType<typeof place>): unknown {
  if (!stage.ok)
    return stage.problems.map(({ code, message, at }) => [code, message, at?.file]).sort();
  return stage.value.placed
    .map(({ wanted, replica, host: name, gpus: taken }) =>
      [wanted.name, replica, name, taken.join()].join(" "),
    )
    .sort();
}

test("one more host among a hundred moves about a hundredth of the replicas, and onto itself alone", () => {
  const hosts = Array.from({ length: 101 }, (_, index) =>
    host(`host-${index}`, { memory: "8GiB" }),
  );
  const deployments = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`d-${index}`, { replicas: 10 }]),
  );
  const places = (all: readonly Host[]) => {
    const stage = place(definitionsOf({ hosts: all, factories: [factory(deployments)] }), lockOf());
    return new Map(
      valueIn(stage).placed.map(({ wanted, replica, host: name }) => [
        `${wanted.name}/${replica}`,
        name,
      ]),
    );
  };
  const before = places(hosts.slice(0, 100));
  const after = places(hosts);
  const moved = [...after].filter(([replica, name]) => before.get(replica) !== name);
  expect(moved.every(([, name]) => name === "host-100")).toBe(true);
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.length).toBeLessThan(400 * 0.03);
});
