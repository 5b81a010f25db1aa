/** What is said of a change before it is made: held against the plans, and against what an agent would do. */
import { type HostPlan, parseHostName } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { wantedOf } from "../../agent/reconcile/wanted.ts";
import { type Comparison, compare } from "../../compiler/compare/compare.ts";
import type { Compiled } from "../../compiler/compile.ts";
import {
  dataset,
  definitionsOf,
  factory,
  gpuHost,
  host,
  lockOf,
  type Parts,
  plansOf,
  provedOf,
  small,
  smallFacts,
  valueIn,
  weighing,
} from "./definitions-kit.ts";

const other = { ...small, name: "other", source: "file:models/other.gguf" };
const large = { ...small, name: "large", source: "file:models/large.gguf" };
const lock = lockOf({
  [small.source]: smallFacts,
  [other.source]: smallFacts,
  [large.source]: weighing(8),
});
const hub = { url: "wss://hub.example.org", region: "de" };

function compiledOf(parts: Parts): Compiled {
  const definitions = definitionsOf({
    models: [small, other, large],
    fleet: { hubs: [hub] },
    ...parts,
  });
  return {
    ...plansOf(definitions, lock),
    definitions,
    proved: valueIn(provedOf(definitions, lock)),
    lock: lock.sha256,
  };
}

function compared(before: Parts, after: Parts): Comparison {
  return compare(compiledOf(before), compiledOf(after));
}

const one = (
  deployment: Parameters<typeof factory>[0][string],
  fields: Partial<Parts> = {},
): Parts => ({
  hosts: [host("a")],
  factories: [factory({ triage: deployment })],
  ...fields,
});

test("what means the same changes nothing, and no host is touched", () => {
  const comparison = compared(one({}), one({}));
  expect(comparison).toMatchObject({
    definitions: [],
    hosts: [],
    untouched: [{ host: "a", digest: expect.stringMatching(/^sha256:/) }],
    fetch: 0,
    moved: [],
    labels: [],
  });
  expect(comparison.roots.after).toBe(comparison.roots.before);
});

test("an instance that is to be another one restarts as its definition says, and why is told", () => {
  const [beside] = compared(one({}), one({ parallel: 2, context: 2048 })).hosts;
  expect(beside?.instances).toEqual([
    { deployment: "triage", replica: 0, change: "beside", why: ["context", "parallel"] },
  ]);
  const [drained] = compared(
    one({ upgrade: "drain" }),
    one({ upgrade: "drain", cache: "q8_0" }),
  ).hosts;
  expect(drained?.instances).toMatchObject([{ change: "drain", why: ["cache"] }]);
});

test("what is no part of an instance restarts nothing", () => {
  const smoke = { prompt: "Hi", contains: "Hi" };
  const [changed] = compared(one({}), one({}, { models: [{ ...small, smoke }] })).hosts;
  expect(changed).toMatchObject({ change: "changed", instances: [], kept: 1, fetch: [] });
  expect(changed?.others).toEqual([
    "deployments.triage.smoke.contains",
    "deployments.triage.smoke.prompt",
    "deployments.triage.smoke.withinMs",
  ]);
});

test("only bytes that a host does not have are fetched", () => {
  const [changed] = compared(
    one({}, { factories: [factory({ triage: {}, sort: {} })] }),
    one({}, { factories: [factory({ triage: { model: "other" }, sort: {} })] }),
  ).hosts;
  expect(changed?.fetch).toMatchObject([{ name: "other", size: 10_001_000 }]);
  expect(changed?.removable).toEqual([]);
  expect(changed?.instances).toMatchObject([{ deployment: "triage", why: ["model"] }]);
  expect(changed?.kept).toBe(1);
});

test("bytes that no deployment of a host needs any more are told, and what all hosts fetch is added up", () => {
  const on = (model: string) =>
    one({ model, replicas: 2, spread: "host" }, { hosts: [host("a"), host("b")] });
  const comparison = compared(on("small"), on("other"));
  expect(comparison.hosts.map(({ removable }) => removable.map(({ name }) => name))).toEqual([
    ["small"],
    ["small"],
  ]);
  expect(comparison.fetch).toBe(2 * 10_001_000);
});

test("bytes that only get another name restart nothing, and are told", () => {
  const named = (name: string) => one({ model: name }, { models: [{ ...small, name }] });
  const [changed] = compared(named("small"), named("tiny")).hosts;
  expect(changed).toMatchObject({ instances: [], fetch: [], removable: [], kept: 1 });
  expect(changed?.others).toEqual([
    expect.stringMatching(/^blobs\.sha256:[0-9a-f]{64}\.name$/),
    "deployments.triage.model.name",
  ]);
});

test("where nothing was defined before, everything is new", () => {
  const comparison = compare(undefined, compiledOf(one({})));
  expect(comparison.hosts).toMatchObject([
    { host: "a", change: "added", instances: [{ change: "start" }], fetch: [{ name: "small" }] },
  ]);
  expect(comparison.definitions.every(({ change }) => change === "added")).toBe(true);
  expect(comparison).toMatchObject({ untouched: [], moved: [], windows: [] });
  expect(comparison.roots).not.toHaveProperty("before");
});

test("memory counts both while an instance stands beside its successor, and one while it is drained", () => {
  const onGpu = (fields: object): Parts => ({
    hosts: [gpuHost("a", 1)],
    factories: [factory({ triage: { model: "large", gpus: 1, ...fields } })],
  });
  const gpuIn = (comparison: Comparison) =>
    comparison.hosts[0]?.memory.find(({ gpu }) => gpu === 0);
  const beside = gpuIn(compared(onGpu({}), onGpu({ parallel: 2 })));
  expect(beside?.during).toBe((beside?.before ?? 0) + (beside?.after ?? 0));
  expect(beside?.size).toBe(80 * 1024 ** 3);
  const drain = gpuIn(
    compared(onGpu({ upgrade: "drain" }), onGpu({ upgrade: "drain", parallel: 2 })),
  );
  expect(drain?.during).toBe(Math.max(drain?.before ?? 0, drain?.after ?? 0));
});

test("what shrinks while it is drained is counted as it was, until what starts beside it is there", () => {
  const on = (context: number, parallel: number): Parts => ({
    hosts: [gpuHost("a", 1)],
    factories: [
      factory({
        triage: { model: "large", gpus: 1, upgrade: "drain", context },
        sort: { model: "small", gpus: 1, parallel },
      }),
    ],
  });
  const [before, after] = [compiledOf(on(65_536, 1)), compiledOf(on(1024, 2))];
  const [change] = compare(before, after).hosts;
  const usedBy = ({ plans }: Compiled, name: string) =>
    [...plans.values()][0]?.plan.deployments[name]?.memory ?? 0;
  const gpu = change?.memory.find((each) => each.gpu === 0);
  expect(usedBy(before, "triage")).toBeGreaterThan(usedBy(after, "triage"));
  expect(gpu?.during).toBe(
    usedBy(before, "triage") + usedBy(before, "sort") + usedBy(after, "sort"),
  );
});

test("a replica that stands elsewhere has moved, however replicas are numbered", () => {
  const where = (rack: string) => ({ where: { rack } });
  const hosts = [host("a", { labels: { rack: "1" } }), host("b", { labels: { rack: "2" } })];
  const comparison = compared(one(where("1"), { hosts }), one(where("2"), { hosts }));
  expect(comparison.moved).toEqual([{ deployment: "triage", replica: 0, from: "a", to: "b" }]);
  expect(comparison.hosts.map(({ host: name, instances }) => [name, instances[0]?.change])).toEqual(
    [
      ["a", "stop"],
      ["b", "start"],
    ],
  );
});

test("hosts that come and go are told with what they start and stop", () => {
  const comparison = compared(
    one({ replicas: 2, spread: "host" }, { hosts: [host("a"), host("b")] }),
    one({ replicas: 2, spread: "host" }, { hosts: [host("a"), host("c")] }),
  );
  const [removed, added] = comparison.hosts;
  expect(removed).toMatchObject({ host: "b", change: "removed", instances: [{ change: "stop" }] });
  expect(added).toMatchObject({ host: "c", change: "added", instances: [{ change: "start" }] });
  expect(added).not.toHaveProperty("before");
  expect(comparison.untouched.map(({ host: name }) => name)).toEqual(["a"]);
  expect(
    comparison.definitions.map(({ kind, name, change }) => `${change} ${kind} ${name}`),
  ).toEqual(["removed host b", "added host c"]);
});

test("routes, labels of data and windows in which nothing changes are told", () => {
  const freeze = { nights: { starts: "0 20 * * *", lasts: "8h" } };
  const routed = (to: string, purposes: ("serve" | "evaluate")[]): Parts => ({
    fleet: { hubs: [hub], freeze },
    hosts: [host("a")],
    datasets: [dataset("mail", ["de"], { purposes })],
    factories: [factory({ triage: {}, sort: {} }, { reads: ["mail"], routes: { ask: { to } } })],
  });
  const comparison = compared(routed("triage", ["serve"]), routed("sort", ["serve", "evaluate"]));
  expect(comparison.hosts[0]?.routes).toEqual([
    { route: "ask", before: ["triage"], after: ["sort"] },
  ]);
  expect(comparison.labels.find(({ place }) => place === "deployment triage")).toMatchObject({
    before: { purposes: ["serve"] },
    after: { purposes: ["serve", "evaluate"] },
  });
  expect(comparison.windows.map(({ name }) => name)).toEqual(["nights"]);
});

test("what hosts would not take, and a host on hold, are told", () => {
  const gone: Parts = { hosts: [host("a")], factories: [factory({ sort: {} })] };
  const before: Parts = { ...gone, factories: [factory({ triage: { protect: true }, sort: {} })] };
  expect(compared(before, gone).hosts).toMatchObject([{ refused: ["triage"] }]);
  const fleet = { hubs: [hub], retired: ["triage"] };
  expect(compared(before, { ...gone, fleet }).hosts).toMatchObject([{ refused: [] }]);
  const hosts = [host("a", { hold: "a new fan" })];
  expect(compared(before, { ...before, hosts }).hosts).toMatchObject([{ hold: "a new fan" }]);
});

const deployments = fc.record(
  {
    model: fc.constantFrom("small", "other"),
    parallel: fc.integer({ min: 1, max: 2 }),
    cache: fc.constantFrom("f16" as const, "q8_0" as const),
    upgrade: fc.constantFrom("beside" as const, "drain" as const),
    replicas: fc.integer({ min: 1, max: 3 }),
    gpus: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: [] },
);
const fleets = fc
  .record({ triage: deployments, sort: deployments, hosts: fc.integer({ min: 1, max: 3 }) })
  .map(({ triage, sort, hosts }) =>
    compiledOf({
      hosts: Array.from({ length: hosts }, (_, index) => gpuHost(`host-${index}`, 4)),
      factories: [factory({ triage, sort })],
    }),
  );

test("whatever changes: what is said to go on, to restart, start and stop is what the agent does", () => {
  let restarts = 0;
  fc.assert(
    fc.property(fleets, fleets, (before, after) => {
      const { hosts, untouched } = compare(before, after);
      expect(hosts.length + untouched.length).toBe(
        new Set([...before.plans.keys(), ...after.plans.keys()]).size,
      );
      for (const { host: name, change, instances, kept, fetch, routes, others } of hosts) {
        if (change === "changed")
          expect(instances.length + fetch.length + routes.length + others.length).toBeGreaterThan(
            0,
          );
        const parsed = parseHostName(name);
        const [was, is] = [before, after].map((side) => parsed && side.plans.get(parsed)?.plan);
        const [running, wanted] = [was, is].map((plan) => instancesIn(plan));
        const staying = [...(wanted?.keys() ?? [])].filter((digest) => running?.has(digest));
        expect(kept).toBe(staying.length);
        const places = new Set([...(running?.values() ?? [])]);
        for (const { deployment, replica, change } of instances) {
          const place = `${deployment} ${replica}`;
          const isWanted = [...(wanted?.values() ?? [])].includes(place);
          expect(change === "stop").toBe(!isWanted);
          expect(change === "start").toBe(isWanted && !places.has(place));
          if (change === "beside" || change === "drain") {
            restarts += 1;
            expect(is?.deployments[deployment]?.upgrade).toBe(change);
          }
        }
        expect(instances.length + kept).toBe(
          new Set([...places, ...(wanted?.values() ?? [])]).size,
        );
        expect(fetch.map(({ digest }) => digest)).toEqual(
          Object.keys(is?.blobs ?? {}).filter((digest) => !Object.hasOwn(was?.blobs ?? {}, digest)),
        );
      }
    }),
    { numRuns: 60 },
  );
  expect(restarts).toBeGreaterThan(10);
});

/** Digest of each instance, as the agent names it → its deployment and number. */
function instancesIn(plan: HostPlan | undefined): ReadonlyMap<string, string> {
  const wanted = plan === undefined ? [] : wantedOf(plan, (digest) => `/models/${digest}`);
  return new Map(
    wanted.map(({ digest, deployment, replica }) => [digest, `${deployment} ${replica}`]),
  );
}
