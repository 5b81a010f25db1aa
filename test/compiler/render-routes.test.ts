import type { HostPlan } from "@millwright/schema";
import { expect, test } from "vitest";
import { definitionsOf, factory, host, lockOf, type Parts, plansOf } from "./definitions-kit.ts";

/** The plan of the only host. */
function planOf(parts: Parts): HostPlan {
  const definitions = definitionsOf({ hosts: [host("a")], ...parts });
  const { plans } = plansOf(definitions, lockOf());
  const [only, ...others] = plans.values();
  if (only === undefined || others.length > 0) throw new Error("not one plan");
  return only.plan;
}

test("a route that falls back to another has that one's deployments in its place, each once", () => {
  const routes = {
    all: { to: "a", fallback: ["some", "c"] },
    some: { to: "b", fallback: ["a", "d"] },
  };
  const { routes: planned } = planOf({
    factories: [factory({ a: {}, b: {}, c: {}, d: {} }, { routes })],
  });
  expect(planned).toEqual({
    all: { factory: "support", to: ["a", "b", "d", "c"] },
    some: { factory: "support", to: ["b", "a", "d"] },
  });
  expect(Object.keys(planned)).toEqual(["all", "some"]);
});

test("of a chain a host is told what it runs itself", () => {
  const hosts = [host("one"), host("two", { site: "zrh" })];
  const definitions = definitionsOf({
    hosts,
    factories: [
      factory(
        { near: { where: { site: "fra" } }, far: { where: { site: "zrh" } } },
        { routes: { all: { to: "near", fallback: ["rest"] }, rest: { to: "far" } } },
      ),
    ],
  });
  const { plans } = plansOf(definitions, lockOf());
  expect([...plans.values()].map(({ plan }) => plan.routes)).toEqual([
    { all: { factory: "support", to: ["near"] } },
    { all: { factory: "support", to: ["far"] }, rest: { factory: "support", to: ["far"] } },
  ]);
});

test("freeze windows stand in every plan, by name, in milliseconds, in UTC where nothing else is said", () => {
  const freeze = {
    weekend: { starts: "0 18 * * 5", lasts: "2d" },
    "quarter-end": { starts: " 0  18 28 3,6,9,12 *", lasts: "3d", timezone: "Europe/Berlin" },
  };
  expect(planOf({ fleet: { freeze } }).freeze).toEqual([
    {
      name: "quarter-end",
      starts: "0 18 28 3,6,9,12 *",
      lastsMs: 259_200_000,
      timezone: "Europe/Berlin",
    },
    { name: "weekend", starts: "0 18 * * 5", lastsMs: 172_800_000, timezone: "UTC" },
  ]);
});

test("a plan without freeze windows says nothing of them", () => {
  expect(planOf({})).not.toHaveProperty("freeze");
  expect(planOf({ fleet: { freeze: {} } })).not.toHaveProperty("freeze");
});

test("what operators say stands in the plan of whom they say it to, a host's own pause before that of all", () => {
  const hosts = [host("a", { hold: "a new fan", retired: ["old", "gone"] }), host("b")];
  const definitions = definitionsOf({
    fleet: { hold: "we move", retired: ["older", "gone"], maxStaleness: "30d" },
    hosts,
    factories: [factory({ triage: { protect: true, replicas: 2, spread: "host" } })],
  });
  const [a, b] = [...plansOf(definitions, lockOf()).plans.values()].map(({ plan }) => plan);
  expect(a).toMatchObject({ hold: "a new fan", retired: ["gone", "old", "older"] });
  expect(b).toMatchObject({ hold: "we move", retired: ["gone", "older"] });
  expect([a?.maxStalenessMs, b?.maxStalenessMs]).toEqual([2_592_000_000, 2_592_000_000]);
  for (const plan of [a, b])
    expect(plan).toMatchObject({ deployments: { triage: { protect: true } } });
});

test("a host that is to let go of a deployment gets no replica of it", () => {
  const definitions = definitionsOf({
    hosts: [host("a", { retired: ["triage"] }), host("b"), host("c")],
    factories: [factory({ triage: { replicas: 2, spread: "host" }, sort: { replicas: 3 } })],
  });
  const { plans } = plansOf(definitions, lockOf());
  const running = [...plans.values()].filter(({ plan }) =>
    Object.hasOwn(plan.deployments, "triage"),
  );
  expect(running.map(({ plan }) => plan.host)).toEqual(["b", "c"]);
});

test("where nothing is said, a plan says nothing of pauses, protection and age", () => {
  const plan = planOf({ factories: [factory({ triage: { protect: false } })] });
  for (const field of ["hold", "retired", "maxStalenessMs"]) expect(plan).not.toHaveProperty(field);
  expect(plan.deployments).not.toHaveProperty("triage.protect");
});
