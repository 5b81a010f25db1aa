import type { HostPlan, PlannedRoute } from "@millwright/schema";
import { expect, test } from "vitest";
import { definitionsOf, factory, host, lockOf, plansOf } from "./definitions-kit.ts";

type Parts = Parameters<typeof factory>;
type Routes = NonNullable<NonNullable<Parts[1]>["routes"]>;

/** The routes of each host, in order of host. */
function routesOf(deployments: Parts[0], routes: Routes) {
  const hosts = [host("one"), host("two", { site: "zrh" })];
  const definitions = definitionsOf({ hosts, factories: [factory(deployments, { routes })] });
  return [...plansOf(definitions, lockOf()).plans.values()].map(
    ({ plan }: { readonly plan: HostPlan }): Readonly<Record<string, PlannedRoute>> => plan.routes,
  );
}

const here = { where: { site: "fra" } };
const there = { where: { site: "zrh" } };

test("choices stand in the plan as hosts evaluate them, each with the route's fallbacks behind it", () => {
  const [plan] = routesOf(
    { a: here, b: here, c: here },
    {
      mail: {
        choose: [
          { when: 'tokens < 2000 && !tools && language in ["de", "fr"]', to: "a" },
          { when: "stream", split: { a: 95, b: 5 } },
          {
            classify: {
              by: "a",
              labels: { code: { is: "writes programs", to: "b" }, chat: { is: "anything else" } },
              within: "500ms",
            },
          },
          { to: "plain" },
        ],
        fallback: ["c"],
        escalate: { below: 0.6, to: "c" },
        shadow: { to: "b", share: 0.1 },
      },
      plain: { to: "b", fallback: ["a"] },
    },
  );
  expect(plan?.["mail"]).toEqual({
    factory: "support",
    to: ["a", "b", "c"],
    choose: [
      {
        rule: "choose[0]",
        when: {
          do: "all",
          of: [
            { do: "<", of: [{ read: "tokens" }, 2000] },
            { do: "not", of: [{ read: "tools" }] },
            { do: "some", of: [{ read: "language" }, "de", "fr"] },
          ],
        },
        to: ["a", "c"],
      },
      {
        rule: "choose[1]",
        when: { read: "stream" },
        split: [
          { to: "a", weight: 95 },
          { to: "b", weight: 5 },
        ],
        to: ["c"],
      },
      {
        rule: "choose[2]",
        to: [],
        classify: {
          by: "a",
          labels: [
            { name: "code", is: "writes programs", to: ["b", "c"] },
            { name: "chat", is: "anything else", to: [] },
          ],
          atLeast: 0.5,
          withinMs: 500,
        },
      },
      { rule: "choose[3]", to: ["b", "a", "c"] },
    ],
    escalate: { below: 0.6, to: "c" },
    shadow: { to: "b", share: 0.1 },
  });
  expect(plan?.["plain"]).toEqual({ factory: "support", to: ["b", "a"] });
});

test("of the choices a host is told those that it can make", () => {
  const [one, two] = routesOf(
    { near: here, far: there },
    {
      some: {
        choose: [{ when: "tools", to: "near" }, { to: "far" }],
        shadow: { to: "near", share: 1 },
      },
      sides: { split: { near: 1, far: 1 }, escalate: { below: 0.1, to: "far" } },
    },
  );
  expect(one).toEqual({
    some: {
      ...{ factory: "support", to: ["near"], shadow: { to: "near", share: 1 } },
      choose: [{ rule: "choose[0]", when: { read: "tools" }, to: ["near"] }],
    },
    sides: {
      ...{ factory: "support", to: ["near"] },
      choose: [{ rule: "split", split: [{ to: "near", weight: 1 }], to: [] }],
    },
  });
  expect(two?.["some"]).toEqual({
    ...{ factory: "support", to: ["far"] },
    choose: [{ rule: "choose[1]", to: ["far"] }],
  });
  expect(two?.["sides"]?.escalate).toEqual({ below: 0.1, to: "far" });
});
