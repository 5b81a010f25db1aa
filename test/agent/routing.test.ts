import { expect, test } from "vitest";
import { candidatesOf } from "../../agent/routing/routing.ts";
import { planOf } from "./plan-kit.ts";

test("a deployment is its own candidate, a route stands for its chain, and anything else for nothing", () => {
  const deployments = { triage: { model: "a" }, spare: { model: "b" } };
  const { plan } = planOf(1, deployments, {
    mail: { factory: "support", to: ["triage", "spare"] },
  });
  const names = (name: string) => candidatesOf(plan, name)?.map(({ deployment }) => deployment);
  expect(names("triage")).toEqual(["triage"]);
  expect(names("mail")).toEqual(["triage", "spare"]);
  for (const name of ["nobody", "toString", "__proto__"]) expect(names(name)).toBeUndefined();
});
