import { type Deployment, gib, type Host } from "@millwright/schema";
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostic/diagnostic.ts";
import type { Lock } from "../../compiler/lock/lock.ts";
import { place } from "../../compiler/place/place.ts";
import {
  dataset,
  definitionsOf,
  factory,
  gpuHost,
  host,
  lockOf,
  type Parts,
  problemIn,
  small,
  smallFacts,
  weighing,
} from "./definitions-kit.ts";

const hosts = [
  host("fra-1", { labels: { rack: "a" } }),
  host("fra-2", { labels: { rack: "b" } }),
  host("zrh-1", { site: "zrh", region: "ch" }),
];
const triage = "factory support deployments triage";

function problemOf(parts: Parts, lock: Lock = lockOf()): Diagnostic {
  return problemIn(place(definitionsOf({ hosts, ...parts }), lock));
}

test("without hosts the cure is to enrol one", () => {
  const problem = problemOf({ hosts: [], factories: [factory({ triage: {} })] });
  expect(problem.code).toBe("place/no-host-matches");
  expect(problem.cure).toContain("millwright-agent init");
});

test("data that may not be where the hosts stand is named, with its regions and theirs", () => {
  const problem = problemOf({
    fleet: { regions: { eu: ["de", "fr"] } },
    datasets: [dataset("support-mail", ["eu"])],
    factories: [factory({ triage: { where: { site: "zrh" } } }, { reads: ["support-mail"] })],
  });
  expect(problem).toMatchObject({
    code: "place/residency",
    message: "support-mail may be only in de, fr; hosts that match triage stand in ch",
    at: { file: triage },
    also: [{ at: { file: "dataset support-mail residency" } }],
  });
});

test("data that no single region may hold together is told as such", () => {
  const problem = problemOf({
    datasets: [dataset("mail", ["de"]), dataset("orders", ["ch"])],
    factories: [factory({ triage: {} }, { reads: ["mail", "orders"] })],
  });
  expect(problem.code).toBe("place/residency");
  expect(problem.message).toMatch(/^no region may hold all the data of triage: .*mail.*orders/);
});

test("spreading over fewer hosts or sites than replicas is refused with both numbers", () => {
  const onHosts = problemOf({ factories: [factory({ triage: { replicas: 4, spread: "host" } })] });
  expect(onHosts).toMatchObject({
    code: "place/not-enough-hosts",
    message:
      "triage wants 4 replicas, each on a host of its own; there are 3 hosts that can take it",
    at: { file: `${triage} replicas` },
  });
  const atSites = problemOf({ factories: [factory({ triage: { replicas: 3, spread: "site" } })] });
  expect(atSites).toMatchObject({
    code: "place/not-enough-hosts",
    cure: expect.stringContaining("replicas: 2"),
  });
});

test("what is larger than any host that it may stand on is refused with its budget", () => {
  const lock = lockOf({ [small.source]: weighing(4) });
  const problem = problemOf({ factories: [factory({ triage: {} })] }, lock);
  expect(problem.code).toBe("fit/does-not-fit");
  expect(problem.at?.file).toBe(triage);
  const [first, ...table] = problem.message.split("\n");
  expect(first).toBe(
    "triage needs 4.4 GiB of main memory; of 3 hosts that it may stand on, the largest has 2.0 GiB",
  );
  expect(table).toEqual([
    expect.stringMatching(/^4\.0 GiB {2}weights$/),
    expect.stringContaining("keys and values"),
    expect.stringContaining("compute"),
    expect.stringContaining("process"),
    expect.stringContaining("margin"),
    expect.stringMatching(/^4\.4 GiB {2}total$/),
  ]);
  expect(problem.cure).toContain("shrink triage by 2.4 GiB");
});

test("GPUs that are too few, and GPUs that are too small, are told apart", () => {
  const fleet = [gpuHost("gpu-1", 2), host("fra-1")];
  const few = problemOf({ hosts: fleet, factories: [factory({ triage: { gpus: 4 } })] });
  expect(few).toMatchObject({
    code: "fit/does-not-fit",
    message: "triage needs 4 GPUs; of 2 hosts that it may stand on, none has more than 2",
  });
  const large = problemOf(
    { hosts: fleet, factories: [factory({ triage: { gpus: 2 } })] },
    lockOf({ [small.source]: weighing(200) }),
  );
  expect(large.message).toMatch(
    /^triage needs 106 GiB on each of 2 GPUs; .* the largest has 80\.0 GiB\n/,
  );
});

test("a host without main memory for what stands beside its GPUs is too small, and that is said", () => {
  const fleet = [gpuHost("gpu-1", 2, { memory: "64MiB" })];
  const problem = problemOf({ hosts: fleet, factories: [factory({ triage: { gpus: 1 } })] });
  expect(problem.message).toMatch(/of main memory; of 1 host .* the largest has 64\.0 MiB/);
});

test("when others fill the hosts, a table says who, and whom to shrink by how much", () => {
  const lock = lockOf({ [small.source]: smallFacts, "file:big.gguf": weighing(1.5) });
  const problem = problemOf(
    {
      hosts: hosts.slice(0, 2),
      models: [small, { kind: "model", name: "big", source: "file:big.gguf" }],
      factories: [
        factory({ code: { model: "big", replicas: 2, spread: "host" }, triage: { replicas: 3 } }),
      ],
    },
    lock,
  );
  expect(problem).toMatchObject({ code: "place/no-host-fits", at: { file: triage } });
  const [first, heading, ...rows] = problem.message.split("\n");
  expect(first).toBe("no host has room left for replica 3 of 3 of triage");
  expect(heading?.split(/ {2,}/)).toEqual(["host", "memory", "used", "free", "needed", "used by"]);
  expect(rows.map((row) => row.split(/ {2,}/)[0]).sort()).toEqual(["fra-1", "fra-2"]);
  expect(rows.join()).toContain("code");
  expect(problem.cure).toMatch(/^shrink triage or code by \d+(\.\d)? MiB /);
});

describe("what is said to make room for all does so", () => {
  const lock = lockOf({ [small.source]: weighing(0.1) });
  const long = { context: 32_768, parallel: 8 };
  const tight = (name: string, site: string) => host(name, { site, memory: "1GiB" });

  /** Every change that the cure offers, each tried by itself. */
  function offeredIn(
    hosts: readonly Host[],
    deployments: Readonly<Record<string, Partial<Deployment>>>,
  ): readonly string[] {
    const { cure } = problemOf({ hosts, factories: [factory(deployments)] }, lock);
    const [, offers = ""] = /room for all of \w+: ([^)]*)\)/.exec(cure ?? "") ?? [];
    return offers.split("; ").flatMap((offer) => {
      const [name = "", changes = ""] = offer.split(" with ");
      return changes.split(", or ").map((change) => {
        const [field = "", value = ""] = change.split(": ");
        const mended = {
          ...deployments,
          [name]: { ...deployments[name], [field]: JSON.parse(value) },
        };
        const placed = place(definitionsOf({ hosts, factories: [factory(mended)] }), lock);
        expect(placed.ok, `${name} ${change}`).toBe(true);
        return `${name} ${change}`;
      });
    });
  }

  test.each([3, 4, 5, 6])("for %i replicas where there is room for 2", (replicas) => {
    const fleet = [tight("fra-1", "fra"), tight("fra-2", "fra")];
    expect(offeredIn(fleet, { triage: { ...long, replicas } })).toContainEqual(
      expect.stringMatching(/^triage context: \d+$/),
    );
  });

  test("for one at each site, however many hosts a site has", () => {
    const fleet = ["fra-1", "fra-2", "zrh-1", "zrh-2"].map((name) => tight(name, name.slice(0, 3)));
    const atSites = { ...long, replicas: 2, spread: "site" } as const;
    for (const replicas of [3, 4]) {
      const offered = offeredIn(fleet, { triage: atSites, other: { ...long, replicas } });
      expect(offered).toContainEqual(expect.stringMatching(/^triage context/));
      expect(offered).toContainEqual(expect.stringMatching(/^other context/));
    }
  });
});

test("a table names each GPU, and stays short in a large fleet", () => {
  const fleet = Array.from({ length: 5 }, (_, index) => gpuHost(`gpu-${index}`, 4));
  const problem = problemOf(
    { hosts: fleet, factories: [factory({ triage: { gpus: 1, replicas: 21 } })] },
    lockOf({ [small.source]: weighing(60) }),
  );
  const rows = problem.message.split("\n").slice(2);
  expect(rows).toHaveLength(13);
  expect(rows[0]).toMatch(/^gpu-\d GPU \d +80\.0 GiB/);
  expect(rows.at(-1)).toBe("and 8 more");
});

test("a host that already holds as many replicas as a plan can is said to be full", () => {
  const fleet = [host("a", { memory: gib(100_000) })];
  const problem = problemOf({ hosts: fleet, factories: [factory({ triage: { replicas: 1001 } })] });
  expect(problem).toMatchObject({
    code: "place/no-host-fits",
    cure: expect.stringContaining("1000"),
  });
});

test("a source that is not locked is reported once, where its definition names it", () => {
  const factories = [factory({ triage: {}, second: {} })];
  for (const lock of [undefined, lockOf({})])
    expect(problemIn(place(definitionsOf({ hosts, factories }), lock))).toMatchObject({
      code: "lock/missing",
      at: { file: "model small source" },
      cure: expect.stringContaining("millwright lock"),
    });
});

test("an adapter where a model is wanted, and one of another architecture, are refused", () => {
  const adapter = { kind: "adapter", architecture: "llama", tensorBytes: 1000 } as const;
  const asModel = problemOf(
    { factories: [factory({ triage: {} })] },
    lockOf({ [small.source]: adapter }),
  );
  expect(asModel).toMatchObject({ code: "lock/not-a-model", at: { file: "model small source" } });
  const parts: Parts = {
    adapters: [{ kind: "adapter", name: "care", base: "small", source: "file:care.gguf" }],
    factories: [factory({ triage: { adapter: "care" } })],
  };
  const lock = lockOf({
    [small.source]: smallFacts,
    "file:care.gguf": { ...adapter, architecture: "qwen3" },
  });
  expect(problemOf(parts, lock)).toMatchObject({
    code: "check/adapter-of-another-model",
    at: { file: `${triage} adapter` },
  });
});

test("a context longer than the model was made for is refused with both numbers", () => {
  const lock = lockOf({ [small.source]: { ...smallFacts, contextLength: 2048 } });
  const at = (context: number) =>
    place(definitionsOf({ hosts, factories: [factory({ triage: { context } })] }), lock);
  expect(at(2048).ok).toBe(true);
  expect(problemIn(at(2049))).toMatchObject({
    code: "fit/context-too-long",
    message: "triage wants a context of 2049 tokens; small was made for 2048",
    at: { file: `${triage} context` },
  });
});

test("all that is wrong is told at once", () => {
  const factories = [factory({ a: { gpus: 1 }, b: { replicas: 99, spread: "host" } })];
  const stage = place(definitionsOf({ hosts, factories }), lockOf());
  expect(stage.ok ? [] : stage.problems.map(({ code }) => code).sort()).toEqual([
    "fit/does-not-fit",
    "place/not-enough-hosts",
  ]);
});
